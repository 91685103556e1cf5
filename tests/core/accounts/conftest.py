"""What most tests of sign-ins start from."""

import pytest

from core.accounts.throttle import SignInThrottle


@pytest.fixture
def throttle() -> SignInThrottle:
    return SignInThrottle(per_account=10, per_address=100)
