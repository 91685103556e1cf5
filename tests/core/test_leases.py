"""How long what was read may be used, and that nobody uses it for longer."""

import asyncio
import math
from dataclasses import dataclass, field

import pytest

from core.leases import OUTLAST_SECONDS, VALID_SECONDS, Leases, outlast


@dataclass
class Clock:
    """A clock that moves when it is told to."""

    seconds: float = 100.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Source:
    """A value that changes, and reads of it that can be held up half-way."""

    value: int = 1
    reads: int = 0
    has_begun: asyncio.Event = field(default_factory=asyncio.Event)
    may_end: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self) -> int:
        self.reads += 1
        seen = self.value
        self.has_begun.set()
        await self.may_end.wait()
        return seen


def a_source() -> Source:
    source = Source()
    source.may_end.set()
    return source


async def test_what_was_read_is_used_until_its_lease_is_over() -> None:
    clock, source = Clock(), a_source()
    leases = Leases[str, int](room=10, monotonic=clock)

    first = await leases.get("a", source.read)
    source.value = 2
    clock.seconds += VALID_SECONDS * 0.99
    within = (leases.find("a"), await leases.get("a", source.read))
    clock.seconds += VALID_SECONDS * 0.02
    after = (leases.find("a"), await leases.get("a", source.read))

    assert (first, within, after) == (1, (1, 1), (None, 2))
    assert source.reads == 2


async def test_a_lease_begins_before_the_read() -> None:
    clock, source = Clock(), Source()
    leases = Leases[str, int](room=10, monotonic=clock)
    reading = asyncio.create_task(leases.get("a", source.read))
    await source.has_begun.wait()

    source.value = 2
    clock.seconds += VALID_SECONDS
    source.may_end.set()
    slow = await reading
    later = await leases.get("a", source.read)

    assert (slow, later) == (1, 2)


async def test_nobody_joins_a_read_that_began_too_long_ago() -> None:
    clock, source = Clock(), Source()
    leases = Leases[str, int](room=10, monotonic=clock)
    slow = asyncio.create_task(leases.get("a", source.read))
    await source.has_begun.wait()

    source.value = 2
    clock.seconds += VALID_SECONDS
    late = asyncio.create_task(leases.get("a", source.read))
    await asyncio.sleep(0)
    source.may_end.set()

    assert (await slow, await late, leases.find("a")) == (1, 2, 2)


async def test_those_who_ask_at_once_share_a_read_also_when_the_first_gives_up() -> None:
    source = Source()
    leases = Leases[str, int](room=10, monotonic=Clock())
    first, *others = [asyncio.create_task(leases.get("a", source.read)) for _ in range(9)]
    await source.has_begun.wait()

    first.cancel()
    await asyncio.sleep(0)
    source.may_end.set()

    assert await asyncio.gather(*others) == [1] * 8
    assert source.reads == 1


async def test_a_read_that_began_before_a_change_is_not_kept_after_it() -> None:
    source = Source()
    leases = Leases[str, int](room=10, monotonic=Clock())
    reading = asyncio.create_task(leases.get("a", source.read))
    await source.has_begun.wait()

    source.value = 2
    leases.forget("a")
    source.may_end.set()
    await reading

    assert leases.find("a") is None
    assert await leases.get("a", source.read) == 2


async def test_a_failure_is_told_to_each_and_not_kept() -> None:
    leases = Leases[str, int](room=10, monotonic=Clock())

    async def fail() -> int:
        await asyncio.sleep(0)
        raise LookupError("away")

    asked = (leases.get("a", fail) for _ in range(3))
    told = await asyncio.gather(*asked, return_exceptions=True)

    assert [type(one) for one in told] == [LookupError] * 3
    assert await leases.get("a", a_source().read) == 1


@pytest.mark.parametrize("valid_seconds", [VALID_SECONDS, math.inf])
async def test_what_was_unused_for_longest_makes_room(valid_seconds: float) -> None:
    leases = Leases[str, str](room=10, valid_seconds=valid_seconds, weigh=len, monotonic=Clock())

    async def read_four() -> str:
        return "four"

    async def read_much() -> str:
        return "more than all the room"

    await leases.get("a", read_four)
    await leases.get("b", read_four)
    leases.find("a")
    await leases.get("c", read_four)
    kept = {key: leases.find(key) for key in "abc"}
    much = await leases.get("much", read_much)

    assert kept == {"a": "four", "b": None, "c": "four"}
    assert much == "more than all the room"
    assert leases.find("much") is None


async def test_outlasting_ends_after_every_lease_although_sleeps_are_short() -> None:
    clock = Clock()
    began = clock.seconds

    async def sleep_a_little_less(seconds: float) -> None:
        clock.seconds += max(seconds * 0.9, 1e-6)

    await outlast(monotonic=clock, sleep=sleep_a_little_less)

    assert clock.seconds - began >= OUTLAST_SECONDS > VALID_SECONDS
