"""The brake on guessing: counted per account and per address, for 15 minutes."""

import pytest

from core.accounts.throttle import SignInThrottle
from core.errors import RateLimited
from core.rate_limits import RateLimits
from core.rate_limits.memory import MAX_KEYS


class HandClock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def throttle(clock: HandClock) -> SignInThrottle:
    return SignInThrottle(RateLimits(clock=clock), per_account=3, per_address=5)


async def test_an_account_is_braked_from_every_address(throttle: SignInThrottle) -> None:
    for number in range(3):
        await throttle.check("ada", "10.0.0.9")
        await throttle.record_failure("ada", f"10.0.0.{number}")

    with pytest.raises(RateLimited) as braked:
        await throttle.check("ada", "10.0.0.9")

    assert braked.value.retry_after_seconds == 900
    await throttle.check("bob", "10.0.0.9")


async def test_an_address_is_braked_for_every_account(throttle: SignInThrottle) -> None:
    for number in range(5):
        await throttle.record_failure(f"user{number}", "10.0.0.1")

    with pytest.raises(RateLimited):
        await throttle.check("somebody", "10.0.0.1")
    await throttle.check("somebody", "10.0.0.2")


async def test_the_brake_opens_after_15_minutes(throttle: SignInThrottle, clock: HandClock) -> None:
    for _ in range(3):
        await throttle.record_failure("ada", "10.0.0.1")
    clock.seconds += 899
    with pytest.raises(RateLimited) as braked:
        await throttle.check("ada", "10.0.0.2")
    assert braked.value.retry_after_seconds == 1

    clock.seconds += 1

    await throttle.check("ada", "10.0.0.2")


@pytest.mark.parametrize(
    ("one", "other"),
    [("2001:db8::1", "2001:db8::ffff:2"), ("::ffff:10.0.0.1", "10.0.0.1")],
)
async def test_addresses_of_one_subscriber_count_together(
    throttle: SignInThrottle, one: str, other: str
) -> None:
    for number in range(5):
        await throttle.record_failure(f"user{number}", one)

    with pytest.raises(RateLimited):
        await throttle.check("somebody", other)


async def test_made_up_accounts_do_not_fill_the_memory(throttle: SignInThrottle) -> None:
    for _ in range(3):
        await throttle.record_failure("ada", "10.0.0.1")

    for number in range(MAX_KEYS):
        await throttle.record_failure(f"user{number}", "somewhere")

    # The memory is bounded by forgetting what failed longest ago.
    await throttle.check("ada", "10.0.0.1")
    with pytest.raises(RateLimited):
        await throttle.check("somebody", "somewhere")
