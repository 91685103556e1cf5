"""Own the brake on what costs a password hash: sign-ins, registrations, changes of a password."""

import math
from typing import Final

from core.errors import RateLimited
from core.rate_limits import RateLimits, subscriber

WINDOW_SECONDS: Final = 15 * 60
_FAILED: Final = {"account": "failed-by-account", "address": "failed-by-address"}


class SignInThrottle:
    """Count the failed sign-ins of the last 15 minutes; successes do not count.

    Registrations per network address and changes of a password per account count whatever comes
    of them, before anything is looked up, so a refusal tells nothing about accounts.
    """

    def __init__(
        self, limits: RateLimits, *, per_account: int, per_address: int, registrations: int = 100
    ) -> None:
        self._limits = limits
        self._most = {"account": per_account, "address": per_address}
        self._registrations = registrations

    async def check(self, account: str, address: str) -> None:
        """Pass while neither the account nor the address has failed too often.

        Raises:
            RateLimited: one of them has, whether the account exists or not.
        """
        waits = [
            await self._limits.wait_seconds(
                _FAILED[kind], key, limit=self._most[kind], seconds=WINDOW_SECONDS
            )
            for kind, key in _keys(account, address)
        ]
        if any(waits):
            raise RateLimited(
                "Too many failed sign-ins; wait and try again.",
                retry_after_seconds=math.ceil(max(waits)),
            )

    async def record_failure(self, account: str, address: str) -> None:
        """Count one failed sign-in."""
        for kind, key in _keys(account, address):
            await self._limits.record(
                _FAILED[kind], key, limit=self._most[kind], seconds=WINDOW_SECONDS
            )

    async def count_registration(self, address: str) -> None:
        """Count an account asked for.

        Raises:
            RateLimited: too many were, from this network address.
        """
        await self._limits.take(
            "registrations",
            subscriber(address),
            limit=self._registrations,
            seconds=WINDOW_SECONDS,
        )

    async def count_password_change(self, account: str) -> None:
        """Count a change of a password asked for, right or wrong.

        Raises:
            RateLimited: too many were, of this account.
        """
        await self._limits.take(
            "changes of a password", account, limit=self._most["account"], seconds=WINDOW_SECONDS
        )


def _keys(account: str, address: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("account", account), ("address", subscriber(address))
