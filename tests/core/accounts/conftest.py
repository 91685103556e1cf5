"""What several tests of accounts start from."""

import pytest

from core.accounts.access import acting, scope_of_key
from core.accounts.applications import Created, NewApplication, create_application
from core.accounts.throttle import SignInThrottle
from core.documents import User
from core.errors import NotAuthenticated
from core.rate_limits import RateLimits


@pytest.fixture
def throttle() -> SignInThrottle:
    return SignInThrottle(RateLimits(), per_account=10, per_address=100)


async def created(owner: User) -> Created:
    return await create_application(acting(owner), NewApplication(name=" Support desk "))


async def works(api_key: str) -> bool:
    try:
        await scope_of_key(api_key)
    except NotAuthenticated:
        return False
    return True
