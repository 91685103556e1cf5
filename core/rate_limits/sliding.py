"""Own the arithmetic of a sliding window that is kept as two counters."""

import math
from typing import NamedTuple


class Allowance(NamedTuple):
    """What a caller has left: `remaining` of `limit`, and in how long a new window begins."""

    limit: int
    remaining: int
    reset_seconds: int


class Counted(NamedTuple):
    """What was counted: `current` since the window began `into_seconds` ago, `previous` before.

    The window before counts by the part of it that still lies within the last `window_seconds`.
    Source: Cloudflare, "How we built rate limiting capable of scaling to millions of domains".
    """

    previous: int
    current: int
    into_seconds: float
    window_seconds: float

    @property
    def weighted(self) -> float:
        """How many count now."""
        weight = max(0.0, 1 - self.into_seconds / self.window_seconds)
        return self.previous * weight + self.current

    def allowance(self, limit: int) -> Allowance:
        """Return what is left of `limit`."""
        left = self.window_seconds - self.into_seconds
        return Allowance(limit, max(0, int(limit - self.weighted)), max(1, math.ceil(left)))

    def wait_seconds(self, limit: int) -> int:
        """Return how long the next one has to wait when nobody else counts, at least a second."""
        left = self.window_seconds - self.into_seconds
        if self.current < limit:
            # The window before must weigh less, and is forgotten with the end of this one.
            wait = left - self.window_seconds * _weight(limit, self.current, self.previous)
        else:
            wait = left + self.window_seconds * (1 - _weight(limit, 0, self.current))
        return max(1, math.ceil(wait))


def _weight(limit: int, current: int, previous: int) -> float:
    """Return what the window before may weigh for one more to fit."""
    return min(1.0, max(0.0, (limit - 1 - current) / previous)) if previous else 1.0
