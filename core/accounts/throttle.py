"""Own the brake on guessing passwords: failed sign-ins counted per account and per address."""

import ipaddress
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

from core.errors import RateLimited

WINDOW_SECONDS: Final = 15 * 60
# Bounds the memory that made-up accounts can take; the key unused for longest is forgotten first.
MAX_KEYS: Final = 50_000


class SignInThrottle:
    """Count the failures of the last 15 minutes in this process; successes do not count.

    `clock` gives seconds that never run backwards.
    """

    def __init__(
        self, *, per_account: int, per_address: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = {"account": per_account, "address": per_address}
        self._clock = clock
        self._failures: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def check(self, account: str, address: str) -> None:
        """Pass while neither the account nor the address has failed too often.

        Raises:
            RateLimited: one of them has, whether the account exists or not.
        """
        moment = self._clock()
        waits = [self._wait(key, moment) for key in _keys(account, address)]
        if any(waits):
            raise RateLimited(
                "Too many failed sign-ins; wait and try again.",
                retry_after_seconds=math.ceil(max(waits)),
            )

    def record_failure(self, account: str, address: str) -> None:
        """Count one failed sign-in."""
        moment = self._clock()
        for key in _keys(account, address):
            times = self._failures.setdefault(key, deque(maxlen=self._limits[key[0]]))
            times.append(moment)
            self._failures.move_to_end(key)
        while len(self._failures) > MAX_KEYS:
            self._failures.popitem(last=False)

    def _wait(self, key: tuple[str, str], moment: float) -> float:
        times = self._failures.get(key, deque[float]())
        while times and times[0] <= moment - WINDOW_SECONDS:
            times.popleft()
        if len(times) < self._limits[key[0]]:
            return 0
        return times[0] + WINDOW_SECONDS - moment


def _keys(account: str, address: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("account", account), ("address", _network(address))


def _network(address: str) -> str:
    """Return what one subscriber holds: an IPv4 address, or the /64 around an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((parsed.packed, 64), strict=False))
