"""Signing in: who gets in, and what those who do not are told."""

import asyncio

import pytest

from core.accounts.passwords import PasswordHasher
from core.accounts.sessions import (
    authenticate,
)
from core.accounts.throttle import SignInThrottle
from core.documents import User
from core.errors import NotAuthenticated, RateLimited
from tests.builders import CHEAP, PASSWORD, a_user

pytestmark = pytest.mark.usefixtures("database")


class CountingHasher(PasswordHasher):
    """A cheap hasher that says what it was asked to verify."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_kib=32)
        self.verified: list[str | None] = []

    async def verify(self, password: str, password_hash: str | None) -> bool:
        self.verified.append(password_hash)
        return await super().verify(password, password_hash)


async def sign_in(
    throttle: SignInThrottle,
    email: str = "ada@example.org",
    password: str = PASSWORD,
    *,
    hasher: PasswordHasher = CHEAP,
) -> User:
    return await authenticate(email, password, address="10.0.0.1", throttle=throttle, hasher=hasher)


async def test_the_right_password_opens_in_any_spelling_of_the_address(
    throttle: SignInThrottle,
) -> None:
    ada = await a_user()

    signed_in = await sign_in(throttle, " ADA@Example.org ")

    assert signed_in.key == ada.key


async def test_every_refusal_reads_the_same_and_verifies_a_password(
    throttle: SignInThrottle,
) -> None:
    await a_user()
    await a_user("gone@example.org", is_active=False)
    hasher, messages = CountingHasher(), set[str]()
    attempts = [
        ("ada@example.org", "wrong password"),
        ("nobody@example.org", PASSWORD),
        ("gone@example.org", PASSWORD),
        ("no address", PASSWORD),
        ('{"$ne": null}', PASSWORD),
        ("\ud800@example.org", "\ud800"),
        ("ada@example.org", ""),
    ]

    for email, password in attempts:
        with pytest.raises(NotAuthenticated) as refused:
            await sign_in(throttle, email, password, hasher=hasher)
        messages.add(refused.value.message)

    assert len(messages) == 1
    assert len(hasher.verified) == len(attempts)


@pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org"])
async def test_failures_are_braked_whether_the_account_exists_or_not(
    throttle: SignInThrottle, email: str
) -> None:
    await a_user()

    failures = await asyncio.gather(
        *(sign_in(throttle, email, f"wrong password {n}") for n in range(40)),
        return_exceptions=True,
    )

    refused = [type(failure) for failure in failures]
    assert refused.count(NotAuthenticated) == 10
    assert refused.count(RateLimited) == 30
    with pytest.raises(RateLimited) as braked:
        await sign_in(throttle, email)
    assert 0 < braked.value.retry_after_seconds <= 900


async def test_successes_do_not_count(throttle: SignInThrottle) -> None:
    await a_user()

    for _ in range(15):
        await sign_in(throttle)
