"""Counting in this process: a sliding minute, what is left, how long to wait."""

import pytest

from core.errors import RateLimited
from core.rate_limits import Allowance, RateLimits
from core.rate_limits.memory import MAX_KEYS


class HandClock:
    """Seconds that pass when told to."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def limits(clock: HandClock) -> RateLimits:
    return RateLimits(clock=clock)


async def test_the_minute_slides(limits: RateLimits, clock: HandClock) -> None:
    clock.seconds = 50
    for _ in range(10):
        await limits.take("executions", "a", limit=10)

    clock.seconds = 61
    with pytest.raises(RateLimited):
        await limits.take("executions", "a", limit=9)
    clock.seconds = 90
    for _ in range(5):
        await limits.take("executions", "a", limit=10)
    with pytest.raises(RateLimited):
        await limits.take("executions", "a", limit=10)
    clock.seconds = 240
    await limits.take("executions", "a", limit=1)


async def test_what_is_left_is_told(limits: RateLimits, clock: HandClock) -> None:
    clock.seconds = 45

    first = await limits.take("requests", "a", limit=3)
    second = await limits.take("requests", "a", limit=3)

    assert first == Allowance(limit=3, remaining=2, reset_seconds=16)
    assert second.remaining == 1


@pytest.mark.parametrize("limit", [1, 2, 10, 600])
@pytest.mark.parametrize("at", [0, 20.5, 59])
async def test_whoever_waits_as_told_may_go_on(
    limits: RateLimits, clock: HandClock, limit: int, at: float
) -> None:
    clock.seconds = at
    for _ in range(limit):
        await limits.take("requests", "a", limit=limit)
    with pytest.raises(RateLimited) as refused:
        await limits.take("requests", "a", limit=limit)

    clock.seconds += refused.value.retry_after_seconds

    await limits.take("requests", "a", limit=limit)


async def test_waiting_is_right_while_the_window_before_weighs(
    limits: RateLimits, clock: HandClock
) -> None:
    clock.seconds = 30
    for _ in range(10):
        await limits.take("requests", "a", limit=10)
    clock.seconds = 75
    for _ in range(2):
        await limits.take("requests", "a", limit=10)
    with pytest.raises(RateLimited) as refused:
        await limits.take("requests", "a", limit=10)

    clock.seconds += refused.value.retry_after_seconds

    assert refused.value.retry_after_seconds <= 4
    await limits.take("requests", "a", limit=10)


async def test_nobody_counts_for_another_or_for_something_else(limits: RateLimits) -> None:
    await limits.take("requests", "a", limit=1)

    await limits.take("requests", "b", limit=1)
    await limits.take("executions", "a", limit=1)

    with pytest.raises(RateLimited):
        await limits.take("requests", "a", limit=1)
    assert limits.refused == {"requests": 1}


async def test_other_spans_are_said_in_minutes(limits: RateLimits) -> None:
    await limits.take("registrations", "a", limit=1, seconds=900)

    with pytest.raises(RateLimited, match="No more than 1 registrations in 15 minutes"):
        await limits.take("registrations", "a", limit=1, seconds=900)


async def test_made_up_callers_do_not_fill_the_memory(limits: RateLimits) -> None:
    await limits.take("requests", "first", limit=1)

    for number in range(MAX_KEYS):
        await limits.take("requests", f"{number}", limit=1)

    await limits.take("requests", "first", limit=1)
    with pytest.raises(RateLimited):
        await limits.take("requests", f"{MAX_KEYS - 1}", limit=1)
