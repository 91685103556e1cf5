"""Own how many pages are fetched politely: in turn at each host, and as its robots.txt asks."""

import asyncio
import time
from collections import OrderedDict
from typing import Final
from urllib.parse import SplitResult

from core.errors import AddressRefused, FetchFailed, SourceUnreadable
from core.extraction.fetch import USER_AGENT, Fetcher
from core.extraction.robots import Rules, parse_robots
from core.leases import Clock, Leases, Sleep
from core.settings import ExtractionSettings

PRODUCT: Final = USER_AGENT.partition("/")[0]
# A site that asks for longer pauses is fetched from with these.
MAX_DELAY_SECONDS: Final = 30.0
ROBOTS_SECONDS: Final = 3600.0
MAX_HOSTS: Final = 10_000


class Manners:
    """Knows when and what may be fetched; one per process, which the pauses hold for."""

    def __init__(
        self,
        settings: ExtractionSettings,
        fetcher: Fetcher,
        *,
        monotonic: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._fetcher = fetcher
        self._monotonic = monotonic
        self._sleep = sleep
        self._rules = Leases[str, Rules](
            room=MAX_HOSTS, valid_seconds=ROBOTS_SECONDS, monotonic=monotonic
        )
        # When each host may be asked again, the one asked last at the end.
        self._free_at: OrderedDict[str, float] = OrderedDict()

    async def wait(self, target: SplitResult) -> None:
        """Wait until it is our turn at the host, where its robots.txt allows the page at all.

        Raises:
            AddressRefused: robots.txt asks programs not to fetch this page.
            FetchFailed: the site is there, but does not say what it asks.
        """
        rules = Rules()
        if self._settings.respect_robots:
            origin = f"{target.scheme}://{target.netloc}"
            rules = await self._rules.get(origin, lambda: self._ask(origin))
            path = target.path + (f"?{target.query}" if target.query else "")
            if not await asyncio.to_thread(rules.allow, path):
                raise AddressRefused(
                    "The site asks programs not to fetch this page (robots.txt).",
                    field="url",
                    remedy="Extract this address by itself where you may, or paste its text.",
                )
        await self._take_turn(target.netloc, min(rules.delay_seconds, MAX_DELAY_SECONDS))

    async def _take_turn(self, host: str, asked_seconds: float) -> None:
        now = self._monotonic()
        turn = max(now, self._free_at.pop(host, now))
        self._free_at[host] = turn + max(self._settings.host_delay_seconds, asked_seconds)
        while len(self._free_at) > MAX_HOSTS:
            self._free_at.popitem(last=False)
        if turn > now:
            await self._sleep(turn - now)

    async def _ask(self, origin: str) -> Rules:
        """Return what a site asks of us; one without robots.txt asks nothing."""
        try:
            page = await self._fetcher.fetch(f"{origin}/robots.txt")
        except FetchFailed as error:
            if not error.is_retryable:
                return Rules()
            raise FetchFailed(
                f"The site's robots.txt cannot be read. {error.message}",
                upstream_status=error.upstream_status,
                is_retryable=True,
                retry_after_seconds=error.retry_after_seconds,
            ) from None
        except SourceUnreadable as error:
            if error.reason == "media_type":
                return Rules()
            raise FetchFailed("The site's robots.txt is too long to be read.") from None
        return await asyncio.to_thread(parse_robots, page.data.decode("utf-8", "replace"), PRODUCT)
