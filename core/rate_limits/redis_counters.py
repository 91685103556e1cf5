"""Own the counters in Redis, which the processes of one installation share."""

import hashlib
import time
from typing import Any, Final

from limits import RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from pydantic import SecretStr
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from core.rate_limits.memory import Key
from core.rate_limits.sliding import Allowance, Counted

# A request waits no longer than this for its counter.
TIMEOUT_SECONDS: Final = 0.5
PREFIX: Final = "prompthub"

# What this module raises when Redis cannot be used.
Away: Final = StorageError


class RedisCounters:
    """The same counters as those of a process, kept by the `limits` library."""

    def __init__(self, url: SecretStr) -> None:
        address = url.get_secret_value()
        self._pool = ConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType]
            address,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            # The library's own waits longer than a request may.
            retry=Retry(NoBackoff(), 0),
        )
        options: dict[str, Any] = {"connection_pool": self._pool}
        self._storage = RedisStorage(
            f"async+{address}",
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix=PREFIX,
            **options,
        )
        self._exact = MovingWindowRateLimiter(self._storage)

    async def take(
        self, key: Key, *, limit: int, seconds: int, amount: int = 1
    ) -> Allowance | Counted:
        """Count `amount` and return what is left, or uncounted what was counted already.

        Raises:
            Away: Redis does not answer.
        """
        name = _name(key)
        taken = await self._storage.acquire_sliding_window_entry(name, limit, seconds, amount)
        counted = await self._counted(name, seconds)
        return counted.allowance(limit) if taken else counted

    async def _counted(self, name: str, seconds: int) -> Counted:
        found = await self._storage.get_sliding_window(name, seconds)
        previous, previous_left, current, current_left = found
        # The library keeps a window for twice its length: the second time as the one before.
        left = current_left - seconds if current_left else seconds
        if previous and previous_left:
            left = previous_left
        return Counted(previous, current, min(seconds, max(0, seconds - left)), seconds)

    async def wait_seconds(self, key: Key, *, limit: int, seconds: int) -> float:
        """Return how long until fewer than `limit` lie within the last `seconds`; 0 is now.

        Raises:
            Away: Redis does not answer.
        """
        item = RateLimitItemPerSecond(limit, seconds)
        reset_at, remaining = await self._exact.get_window_stats(item, _name(key))
        return max(0.0, reset_at - time.time()) if remaining <= 0 else 0.0

    async def record(self, key: Key, *, limit: int, seconds: int) -> None:
        """Remember that it happened now.

        Raises:
            Away: Redis does not answer.
        """
        await self._exact.hit(RateLimitItemPerSecond(limit, seconds), _name(key))

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.aclose()


def _name(key: Key) -> str:
    """Return the name of a counter: it tells nobody's address, whatever somebody typed as one."""
    kind, who = key
    return f"{kind}:{hashlib.blake2b(who.encode('utf-8', 'replace'), digest_size=16).hexdigest()}"
