"""Own the executions per application and minute, counted in this process."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bson import ObjectId

from core.clock import Stopwatch
from core.errors import RateLimited

WINDOW_SECONDS: Final = 60.0


@dataclass(slots=True)
class _Count:
    window: int
    previous: int = 0
    current: int = 0


class ExecutionRate:
    """A sliding minute per application, kept as two counters each.

    The minute before counts by the part of it that still lies within the last 60 seconds.
    Source: Cloudflare, "How we built rate limiting capable of scaling to millions of domains".
    """

    def __init__(self, elapsed_ms: Callable[[], float] | None = None) -> None:
        self._elapsed_ms = elapsed_ms or Stopwatch().elapsed_ms
        self._counts: dict[ObjectId, _Count] = {}

    def take(self, application_id: ObjectId, *, per_minute: int) -> None:
        """Count one execution.

        Raises:
            RateLimited: the application has used up its minute; this one is not counted.
        """
        window, into_window = divmod(self._elapsed_ms() / 1000, WINDOW_SECONDS)
        count = self._moved_to(int(window), application_id)
        weight = 1 - into_window / WINDOW_SECONDS
        if count.previous * weight + count.current >= per_minute:
            raise RateLimited(
                f"This application may run {per_minute} executions a minute; wait a little.",
                retry_after_seconds=max(1, math.ceil(WINDOW_SECONDS - into_window)),
            )
        count.current += 1

    def _moved_to(self, window: int, application_id: ObjectId) -> _Count:
        count = self._counts.setdefault(application_id, _Count(window))
        if count.window != window:
            count.previous = count.current if count.window == window - 1 else 0
            count.current = 0
            count.window = window
        return count
