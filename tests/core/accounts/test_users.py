"""Accounts: the first one, registration, what superusers change, passwords."""

import asyncio
from typing import Any

import pytest
from bson import ObjectId
from pydantic import SecretStr, ValidationError

from core.accounts.access import acting, scope_of_user
from core.accounts.password_changes import change_password, reset_password
from core.accounts.sessions import find_session_user, start_session
from core.accounts.throttle import SignInThrottle
from core.accounts.users import (
    NewUser,
    UserChanges,
    UserQuery,
    create_user,
    get_user,
    list_users,
    register,
    repair_first_application,
    update_user,
)
from core.documents import Application, AuditEvent, User
from core.errors import AlreadyExists, Invalid, NotAllowed, NotAuthenticated, NotFound
from core.rate_limits import RateLimits
from core.settings import AccountSettings
from core.values.scope import SYSTEM
from tests.builders import CHEAP, PASSWORD, a_user

pytestmark = pytest.mark.usefixtures("database")

OTHER_PASSWORD = SecretStr("another sound password")
TOKEN = SecretStr("token-of-the-console")


def a_new_user(email: str = "ada@example.org", **fields: Any) -> NewUser:
    return NewUser.model_validate({"email": email, "password": PASSWORD, **fields})


def unlimited() -> SignInThrottle:
    return SignInThrottle(RateLimits(), per_account=10, per_address=100)


async def registered(
    email: str,
    *,
    accounts: AccountSettings | None = None,
    token: str | None = None,
    needs: SecretStr | None = None,
) -> User:
    return await register(
        a_new_user(email),
        accounts=accounts or AccountSettings(),
        setup_token=token,
        needs_setup_token=needs,
        throttle=unlimited(),
        address="",
        hasher=CHEAP,
    )


async def outcomes(*calls: Any) -> list[Any]:
    return await asyncio.gather(*calls, return_exceptions=True)


async def test_the_first_account_is_superuser_and_owns_the_first_application() -> None:
    first = await registered("Ada@Example.org")
    second = await registered("bob@example.org")

    assert first.email == "ada@example.org"
    assert first.is_superuser
    assert not second.is_superuser
    applications = await Application.find_all().to_list()
    assert [(a.name, a.owner_id) for a in applications] == [("default", first.key)]


async def test_of_many_first_registrations_one_is_the_first() -> None:
    users = await outcomes(*(registered(f"user{number}@example.org") for number in range(15)))

    assert all(isinstance(user, User) for user in users)
    assert await User.find({"is_superuser": True}).count() == 1
    assert await User.find_all().count() == 15
    assert await Application.find_all().count() == 1


async def test_closed_registration_lets_one_of_many_first_accounts_in() -> None:
    closed = AccountSettings(registration="closed")

    users = await outcomes(
        *(registered(f"user{number}@example.org", accounts=closed) for number in range(8))
    )

    assert sum(isinstance(user, User) for user in users) == 1
    assert sum(isinstance(user, NotAllowed) for user in users) == 7
    assert await User.find_all().count() == 1


async def test_an_address_is_registered_once_however_it_is_written() -> None:
    await registered("first@example.org")

    spellings = ["bob@example.org", "Bob@Example.org", " BOB@example.ORG", "bob@EXAMPLE.org"]
    users = await outcomes(*(registered(spelling) for spelling in spellings * 3))

    assert sum(isinstance(user, User) for user in users) == 1
    assert sum(isinstance(user, AlreadyExists) for user in users) == 11


async def test_the_same_first_account_twice_at_once_is_one_account() -> None:
    users = await outcomes(*(registered("ada@example.org") for _ in range(6)))

    assert sum(isinstance(user, User) for user in users) == 1
    assert await User.find({"is_superuser": True}).count() == 1


async def test_the_first_account_needs_the_setup_token_where_there_is_one() -> None:
    for wrong in (None, "", "guess", "\ud800"):
        with pytest.raises(NotAllowed):
            await registered("eve@example.org", token=wrong, needs=TOKEN)

    first = await registered("ada@example.org", token=TOKEN.get_secret_value(), needs=TOKEN)
    second = await registered("bob@example.org", needs=TOKEN)

    assert first.is_superuser
    assert not second.is_superuser


async def test_where_accounts_came_from_elsewhere_nobody_registers_as_superuser() -> None:
    await a_user("restored@example.org")

    registrant = await registered("eve@example.org")

    assert not registrant.is_superuser


@pytest.mark.parametrize(
    "extra", [{"is_superuser": True}, {"_id": "0" * 24}, {"role": "admin"}, {"is_founder": True}]
)
def test_nobody_registers_with_rights_of_their_choice(extra: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        a_new_user(**extra)


async def test_a_crash_after_the_first_account_is_repaired() -> None:
    founder = await a_user(is_founder=True, is_superuser=True)

    repaired = await outcomes(*(repair_first_application() for _ in range(4)))

    assert True in repaired
    applications = await Application.find_all().to_list()
    assert [a.owner_id for a in applications] == [founder.key]
    assert not await repair_first_application()


async def test_an_operator_creates_accounts_though_registration_is_closed() -> None:
    first = await create_user(SYSTEM, a_new_user("ada@example.org"), hasher=CHEAP)
    second = await create_user(SYSTEM, a_new_user("bob@example.org"), hasher=CHEAP)

    assert first.is_superuser
    assert not second.is_superuser
    with pytest.raises(NotAllowed):
        await create_user(acting(second), a_new_user("eve@example.org"), hasher=CHEAP)


async def test_people_see_and_rename_themselves_only() -> None:
    ada, bob = await a_user("ada@example.org"), await a_user("bob@example.org")
    scope = await scope_of_user(ada)

    renamed = await update_user(scope, ada.key, UserChanges(full_name=" Ada L. "))

    assert renamed.full_name == "Ada L."
    with pytest.raises(NotFound):
        await get_user(scope, bob.key)
    with pytest.raises(NotFound):
        await update_user(scope, bob.key, UserChanges(full_name="Eve"))
    with pytest.raises(NotAllowed):
        await update_user(scope, ada.key, UserChanges(is_superuser=True))
    with pytest.raises(NotAllowed):
        await list_users(scope, UserQuery(), skip=0, limit=20)
    with pytest.raises(NotAllowed):
        await reset_password(scope, bob.key, OTHER_PASSWORD, hasher=CHEAP)


async def test_superusers_list_and_search_accounts() -> None:
    for name in ("ada", "bob", "eve"):
        await a_user(f"{name}@example.org", full_name=name.title() + " (Q+A)")

    page = await list_users(SYSTEM, UserQuery(), skip=1, limit=1)
    found = await list_users(SYSTEM, UserQuery(text="EVE (Q+"), skip=0, limit=20)

    assert ([user.email for user in page.items], page.total) == (["bob@example.org"], 3)
    assert [user.email for user in found.items] == ["eve@example.org"]


async def test_deactivation_ends_all_sessions_for_good() -> None:
    ada = await a_user()
    opened = await start_session(ada, user_agent="", days=1)
    cookie = opened.cookie.get_secret_value()

    await update_user(SYSTEM, ada.key, UserChanges(is_active=False))
    assert await find_session_user(cookie) is None
    await update_user(SYSTEM, ada.key, UserChanges(is_active=True))

    assert await find_session_user(cookie) is None


async def test_a_new_password_ends_all_sessions() -> None:
    ada = await a_user()
    opened = [await start_session(ada, user_agent="", days=1) for _ in range(2)]

    after = await change_password(
        ada, SecretStr(PASSWORD), OTHER_PASSWORD, throttle=unlimited(), hasher=CHEAP
    )

    # One that was authenticated with the old password and starts only now ends as well.
    opened.append(await start_session(ada, user_agent="", days=1))
    for session in opened:
        assert await find_session_user(session.cookie.get_secret_value()) is None
    fresh = await start_session(after, user_agent="", days=1)
    assert await find_session_user(fresh.cookie.get_secret_value())
    assert await CHEAP.verify(OTHER_PASSWORD.get_secret_value(), after.password_hash)


async def test_a_password_changes_only_with_the_present_one_and_to_a_sound_one() -> None:
    ada = await a_user()

    with pytest.raises(NotAuthenticated):
        await change_password(
            ada, SecretStr("wrong"), OTHER_PASSWORD, throttle=unlimited(), hasher=CHEAP
        )
    with pytest.raises(Invalid):
        await change_password(
            ada, SecretStr(PASSWORD), SecretStr("short"), throttle=unlimited(), hasher=CHEAP
        )


async def test_of_two_password_changes_at_once_one_holds() -> None:
    ada = await a_user()

    changes = await outcomes(
        *(
            change_password(
                ada,
                SecretStr(PASSWORD),
                SecretStr(f"sound phrase {n}"),
                throttle=unlimited(),
                hasher=CHEAP,
            )
            for n in range(4)
        )
    )

    assert sum(isinstance(change, User) for change in changes) == 1


async def test_a_reset_ends_all_sessions() -> None:
    ada = await a_user()
    opened = await start_session(ada, user_agent="", days=1)

    await reset_password(SYSTEM, ada.key, OTHER_PASSWORD, hasher=CHEAP)

    assert await find_session_user(opened.cookie.get_secret_value()) is None
    with pytest.raises(NotFound):
        await reset_password(SYSTEM, ObjectId(), OTHER_PASSWORD, hasher=CHEAP)


async def test_the_audit_trail_says_who_and_holds_no_secret() -> None:
    ada = await registered("ada@example.org")
    bob = await registered("bob@example.org")
    scope = await scope_of_user(ada)
    await update_user(scope, bob.key, UserChanges(is_superuser=True))
    await reset_password(scope, bob.key, OTHER_PASSWORD, hasher=CHEAP)

    events = await AuditEvent.find_all().sort("_id").to_list()

    assert [(event.actor, event.action) for event in events] == [
        ("user:ada@example.org", "user.register"),
        ("user:ada@example.org", "application.create"),
        ("user:bob@example.org", "user.register"),
        ("user:ada@example.org", "user.update"),
        ("user:ada@example.org", "user.reset_password"),
    ]
    assert events[3].before == {"is_superuser": False}
    assert events[3].after == {"is_superuser": True}
    told = "".join(event.model_dump_json() for event in events)
    assert PASSWORD not in told
    assert "argon2" not in told
