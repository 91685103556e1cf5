"""Own the limits of the process: where they are counted, and what holds when Redis is away."""

import logging
import math
import time
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from core.errors import RateLimited
from core.rate_limits.memory import MAX_KEYS, Key, MemoryCounters
from core.rate_limits.sliding import Allowance, Counted
from core.settings import RedisSettings

if TYPE_CHECKING:
    from core.rate_limits.redis_counters import RedisCounters

# After a failure of Redis the process counts by itself for so long before it asks again.
PAUSE_SECONDS: Final = 1.0
# Of a high limit this part is taken from Redis at once and used up here: 60 of 60,000 requests.
SHARE: Final = 1000
# What was taken at once and is not used is given up after this part of the window.
SHARE_LASTS: Final = 6

# What the running task was left by the limit it took from last; whoever begins a task resets it.
last_taken: Final[ContextVar[Allowance | None]] = ContextVar("last_taken", default=None)

_log = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")


class _Share(NamedTuple):
    left: int
    until: float
    allowance: Allowance


class RateLimits:
    """Count what callers do; one per process, made by the composition root.

    On the hot path: `allowance = await limits.take("requests", caller, limit=per_minute)`. Without
    Redis it never waits (2 us); with Redis it asks once in a thousandth of the limit. When Redis
    is away it is counted in this process, and asked again every second.
    """

    def __init__(
        self, shared: "RedisCounters | None" = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._own = MemoryCounters(clock)
        self._shared = shared
        self._clock = clock
        self._shares: OrderedDict[Key, _Share] = OrderedDict()
        self._ask_at = -math.inf
        self.refused: Counter[str] = Counter()
        self.is_shared_away = False

    @classmethod
    def from_settings(cls, redis: RedisSettings) -> "RateLimits":
        """Count in Redis where one is set, otherwise in this process."""
        if redis.url is None:
            return cls()
        # Half a second of imports that only those wait for who have a Redis.
        from core.rate_limits.redis_counters import RedisCounters  # noqa: PLC0415

        return cls(RedisCounters(redis.url))

    @property
    def is_shared(self) -> bool:
        """Whether other processes count with this one."""
        return self._shared is not None

    async def take(self, kind: str, key: str, *, limit: int, seconds: int = 60) -> Allowance:
        """Count one of `kind`, a plural noun people read, and return what is left of the window.

        Raises:
            RateLimited: `limit` were counted within `seconds`; this one is not counted.
        """
        at = (kind, key)
        taken = None
        if self._shared is not None:
            taken = await self._take_shared(self._shared, at, limit=limit, seconds=seconds)
        if taken is None:
            taken = self._own.take(at, limit=limit, seconds=seconds)
        if isinstance(taken, Allowance):
            last_taken.set(taken)
            return taken
        self.refused[kind] += 1
        wait_seconds = taken.wait_seconds(limit)
        last_taken.set(Allowance(limit, 0, wait_seconds))
        raise RateLimited(
            f"No more than {limit} {kind} {_span(seconds)} are allowed; wait a little.",
            retry_after_seconds=wait_seconds,
            limit=limit,
        )

    async def wait_seconds(self, kind: str, key: str, *, limit: int, seconds: int) -> float:
        """Return how long until fewer than `limit` were recorded within `seconds`; 0 is now."""
        at = (kind, key)
        waits = None
        if self._shared is not None:
            shared = self._shared
            waits = await self._ask(lambda: shared.wait_seconds(at, limit=limit, seconds=seconds))
        return self._own.wait_seconds(at, limit=limit, seconds=seconds) if waits is None else waits

    async def record(self, kind: str, key: str, *, limit: int, seconds: int) -> None:
        """Remember that it happened, exactly to the moment; for low limits, such as of failures."""
        at = (kind, key)
        # Here as well, so that nobody gains from the moment in which Redis goes away.
        self._own.record(at, limit=limit)
        if self._shared is not None:
            shared = self._shared
            await self._ask(lambda: shared.record(at, limit=limit, seconds=seconds))

    async def close(self) -> None:
        """Close the connections to Redis."""
        if self._shared is not None:
            await self._shared.close()

    async def _take_shared(
        self, shared: "RedisCounters", at: Key, *, limit: int, seconds: int
    ) -> Allowance | Counted | None:
        amount = max(1, limit // SHARE)
        held = self._shares.get(at)
        if held is not None and held.left and self._clock() < held.until:
            self._shares[at] = held._replace(left=held.left - 1)
            left = held.allowance.remaining + held.left - 1
            return held.allowance._replace(remaining=left)
        taken = await self._ask(
            lambda: shared.take(at, limit=limit, seconds=seconds, amount=amount)
        )
        if isinstance(taken, Counted) and amount > 1:
            taken = await self._ask(lambda: shared.take(at, limit=limit, seconds=seconds))
        elif isinstance(taken, Allowance) and amount > 1:
            until = self._clock() + seconds / SHARE_LASTS
            self._shares[at] = _Share(amount - 1, until, taken)
            if len(self._shares) > MAX_KEYS:
                self._shares.popitem(last=False)
            taken = taken._replace(remaining=taken.remaining + amount - 1)
        return taken

    async def _ask(self, question: Callable[[], Awaitable[_Answer]]) -> _Answer | None:
        """Return the answer of Redis, None while it is away."""
        from core.rate_limits.redis_counters import Away  # noqa: PLC0415 # loaded with `shared`

        if self.is_shared_away:
            if self._clock() < self._ask_at:
                return None
            self._ask_at = self._clock() + PAUSE_SECONDS  # one asks, the others go on
        try:
            answer = await question()
        except Away as error:
            self._ask_at = self._clock() + PAUSE_SECONDS
            if not self.is_shared_away:
                _log.warning("Redis is away; limits are counted per process.", exc_info=error)
            self.is_shared_away = True
            return None
        if self.is_shared_away:
            _log.warning("Redis is back; limits are shared again.")
        self.is_shared_away = False
        return answer


def _span(seconds: int) -> str:
    return "a minute" if seconds == 60 else f"in {seconds // 60} minutes"  # noqa: PLR2004 - a minute
