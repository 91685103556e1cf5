"""Own the executions under way in this process, and their end when it stops."""

import asyncio
from typing import Final

from core.errors import Unavailable
from core.providers.retry import Attempts

# What is stopped gets so long to close its row.
CLOSE_SECONDS: Final = 3.0


class Running:
    """The executions under way; one per process, in its engine."""

    def __init__(self) -> None:
        self._under_way: set[Attempts] = set()
        self._all_ended = asyncio.Event()
        self._at_once = asyncio.Event()
        self._is_over = False
        self.is_closing = False

    def __len__(self) -> int:
        return len(self._under_way)

    def require_open(self) -> None:
        """Pass while executions may begin.

        Raises:
            Unavailable: the process is being stopped.
        """
        if self.is_closing:
            raise being_stopped()

    def enter(self, attempts: Attempts) -> None:
        """Remember an execution until `leave`."""
        self._under_way.add(attempts)
        if self._is_over:
            attempts.stop(being_stopped())

    def leave(self, attempts: Attempts) -> None:
        """Forget an execution whose row is closed."""
        self._under_way.discard(attempts)
        if not self._under_way:
            self._all_ended.set()

    def close(self) -> None:
        """Let nothing begin any more."""
        self.is_closing = True

    def hurry(self) -> None:
        """End the patience of a `drain` under way."""
        self._at_once.set()

    async def drain(self, seconds: float) -> int:
        """Wait for what runs, for `seconds` at most; stop the rest and return how many it was.

        What is stopped ends as `Unavailable`, with its row closed.
        """
        self.close()
        await self._wait(seconds, until=self._at_once)
        self._is_over = True
        left = list(self._under_way)
        for attempts in left:
            attempts.stop(being_stopped())
        await self._wait(CLOSE_SECONDS)
        return len(left)

    async def _wait(self, seconds: float, until: asyncio.Event | None = None) -> None:
        if not self._under_way:
            return
        self._all_ended.clear()
        ends = [asyncio.create_task(one.wait()) for one in (self._all_ended, until) if one]
        _, waiting = await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


def being_stopped() -> Unavailable:
    """Return what a caller hears from a process that is being stopped."""
    return Unavailable(
        "The server is being stopped.", what="server", remedy="Send it again in a moment."
    )
