"""What most tests of accounts start from."""

import pytest

from core.accounts.throttle import SignInThrottle
from core.settings import AccountSettings


@pytest.fixture
def accounts() -> AccountSettings:
    return AccountSettings()


@pytest.fixture
def throttle(accounts: AccountSettings) -> SignInThrottle:
    return SignInThrottle(accounts)
