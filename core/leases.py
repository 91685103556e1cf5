"""Own short leases on what was read from the database: how long it may be used, and outlasting it.

What was read is used for `VALID_SECONDS` from before the read began. A change that every process
must heed at once, such as a new API key, waits that long after its write (`outlast`): from then on
no process holds anything older. See docs/decisions/0014-leases.md.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")
Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]

VALID_SECONDS: Final = 0.2
# Clocks of two machines do not tick alike, and a thread may be stopped between look and use.
OUTLAST_SECONDS: Final = 1.25 * VALID_SECONDS


class _Entry(Generic[Value]):
    """One read, under way or done; `value` is its outcome."""

    __slots__ = ("began", "is_done", "size", "task", "value")

    def __init__(self, began: float, task: "asyncio.Task[Value]") -> None:
        self.began = began
        self.task = task
        self.is_done = False
        self.size = 0
        self.value: Value | None = None


class Leases(Generic[Key, Value]):
    """What was read lately, by key; those unused for longest make room, failures are not kept.

    Concurrent misses share one read. `valid_seconds` counts from before the read; infinity is for
    what never changes. `room` is what all values may weigh together, one each unless `weigh` says.
    """

    def __init__(
        self,
        *,
        room: int,
        valid_seconds: float = VALID_SECONDS,
        weigh: Callable[[Value], int] | None = None,
        monotonic: Clock = time.monotonic,
    ) -> None:
        self._entries: OrderedDict[Key, _Entry[Value]] = OrderedDict()
        self._left = room
        self._valid_seconds = valid_seconds
        self._weigh = weigh or _one
        self._monotonic = monotonic

    def find(self, key: Key) -> Value | None:
        """Return what was read and may still be used, None when nothing may."""
        entry = self._entries.get(key)
        if entry is None or not entry.is_done or self._is_over(entry):
            return None
        self._entries.move_to_end(key)
        return entry.value

    async def get(self, key: Key, read: Callable[[], Coroutine[Any, Any, Value]]) -> Value:
        """Return what may still be used, else read it, once for all who ask meanwhile.

        Raises:
            Exception: whatever `read` raises, to each who waits for it.
        """
        entry = self._entries.get(key)
        if entry is None or self._is_over(entry):
            entry = self._start(key, read)
        if not entry.is_done:
            # One who stops waiting must not end the read for the others.
            return await asyncio.shield(entry.task)
        self._entries.move_to_end(key)
        return entry.task.result()

    def forget(self, key: Key) -> None:
        """Read anew at the next look; a read under way is not kept."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._left += entry.size

    def _is_over(self, entry: _Entry[Value]) -> bool:
        return self._monotonic() - entry.began >= self._valid_seconds

    def _start(self, key: Key, read: Callable[[], Coroutine[Any, Any, Value]]) -> _Entry[Value]:
        self.forget(key)
        entry = _Entry(self._monotonic(), asyncio.create_task(read()))
        self._entries[key] = entry
        entry.task.add_done_callback(lambda _: self._finish(key, entry))
        return entry

    def _finish(self, key: Key, entry: _Entry[Value]) -> None:
        failed = entry.task.cancelled() or entry.task.exception() is not None
        if self._entries.get(key) is not entry:
            return
        if failed:
            self.forget(key)
            return
        entry.value = entry.task.result()
        entry.is_done = True
        entry.size = self._weigh(entry.value)
        self._left -= entry.size
        while self._left < 0:
            self.forget(next(iter(self._entries)))


def _one(_: object) -> int:
    return 1


async def outlast(*, monotonic: Clock = time.monotonic, sleep: Sleep = asyncio.sleep) -> None:
    """Wait until no process can hold what was read before now; call it after the write."""
    until = monotonic() + OUTLAST_SECONDS
    # Event loops wake up to a millisecond early.
    while (left := until - monotonic()) > 0:
        await sleep(left)
