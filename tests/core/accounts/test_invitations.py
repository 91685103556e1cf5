"""Invitations: who is let in by a link, once, and what is left when a process dies half-way."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from core import clock
from core.accounts import acceptance
from core.accounts.acceptance import accept_invitation, repair_invitations
from core.accounts.access import acting, scope_of_user
from core.accounts.applications import deactivate_application
from core.accounts.invitations import (
    PER_HOUR,
    Invited,
    invite,
    list_invitations,
    read_invitation,
    revoke_invitation,
)
from core.accounts.members import set_member
from core.accounts.throttle import SignInThrottle
from core.accounts.users import NewUser, register
from core.documents import Application, AuditEvent, Invitation, User
from core.errors import Conflict, Invalid, NotAllowed, NotFound, RateLimited
from core.rate_limits import RateLimits
from core.settings import AccountSettings
from core.values.scope import SYSTEM, Scope
from prompthub.wire.literals import Role
from tests.builders import CHEAP, PASSWORD, a_scope, a_user, an_application

pytestmark = pytest.mark.usefixtures("database")

CLOSED = AccountSettings(registration="closed")
BOB = "bob@example.org"


async def invited(
    application: Application, email: str = BOB, role: Role = "editor", *, scope: Scope = SYSTEM
) -> Invited:
    return await invite(scope, application.key, email, role, days=7, limits=RateLimits())


async def a_link(application: Application, email: str = BOB, role: Role = "editor") -> SecretStr:
    token = (await invited(application, email, role)).token
    assert token is not None
    return token


async def registered(token: SecretStr, email: str = BOB) -> User:
    return await register(
        NewUser(email=email, password=SecretStr(PASSWORD)),
        accounts=CLOSED,
        setup_token=None,
        needs_setup_token=None,
        throttle=SignInThrottle(RateLimits(), per_account=10, per_address=100),
        address="192.0.2.1",
        invitation=token,
        hasher=CHEAP,
    )


async def roles_of(user: User) -> dict[Any, Role]:
    return dict((await scope_of_user(user)).roles)


@pytest.fixture
async def application() -> Application:
    return await an_application(await a_user())


async def test_the_link_lets_its_address_register_and_makes_it_a_member(
    application: Application,
) -> None:
    token = await a_link(application, " Bob@Example.org")

    bob = await registered(token, "BOB@example.org")

    assert not bob.is_superuser
    assert await roles_of(bob) == {application.key: "editor"}
    assert await list_invitations(SYSTEM, application.key) == []
    actions = [event.action for event in await AuditEvent.find_all().to_list()]
    assert sorted(actions) == ["invitation.accept", "invitation.create", "user.register"]
    with pytest.raises(Invalid, match="was used before"):
        await registered(token)


async def test_another_address_is_refused_and_leaves_the_link_open(
    application: Application,
) -> None:
    token = await a_link(application)

    with pytest.raises(Invalid) as refused:
        await registered(token, "eve@example.org")

    assert refused.value.field == "email"
    assert await roles_of(await registered(token)) == {application.key: "editor"}


async def test_of_many_uses_at_once_one_opens_an_account(application: Application) -> None:
    token = await a_link(application)

    came = await asyncio.gather(*(registered(token) for _ in range(8)), return_exceptions=True)

    users = [one for one in came if isinstance(one, User)]
    assert len(users) == 1
    assert all(isinstance(one, (User, Conflict, Invalid)) for one in came)
    after = await Application.get(application.key)
    assert after is not None
    assert [(m.user_id, m.role) for m in after.members] == [(users[0].key, "editor")]
    assert await AuditEvent.find({"action": "invitation.accept"}).count() == 1


async def test_links_that_end_say_why(application: Application) -> None:
    revoked, expired, replaced = [await a_link(application, f"p{n}@example.org") for n in range(3)]
    first, second, _ = await list_invitations(SYSTEM, application.key)
    await revoke_invitation(SYSTEM, application.key, first.key)
    past = {"expires_at": clock.now() - timedelta(seconds=1)}
    await Invitation.collection().update_one({"_id": second.key}, {"$set": past})
    newest = await a_link(application, "p2@example.org")

    for token, why in (
        (revoked, "taken back"),
        (expired, "has expired"),
        (replaced, "replaced by a newer one"),
        (SecretStr("made up"), "is not known"),
        (SecretStr("\ud800"), "is not known"),
    ):
        with pytest.raises(Invalid, match=why):
            await read_invitation(token)
    offer = await read_invitation(newest)
    assert offer == ("p2@example.org", "editor", application.name, False)
    with pytest.raises(NotFound):
        await revoke_invitation(SYSTEM, application.key, first.key)


async def test_an_address_with_an_account_is_a_member_at_once(application: Application) -> None:
    bob = await a_user(BOB)

    came = await invited(application, role="viewer")

    assert came.user is not None
    assert (came.user.key, came.invitation, came.token) == (bob.key, None, None)
    assert await roles_of(bob) == {application.key: "viewer"}


async def test_an_account_opened_without_the_link_can_use_it_and_keeps_a_role_given_meanwhile(
    application: Application,
) -> None:
    other = await an_application()
    token, second = await a_link(application), await a_link(other, role="admin")
    bob, eve = await a_user(BOB), await a_user("eve@example.org")
    await set_member(SYSTEM, other.key, bob.key, "viewer")

    with pytest.raises(Invalid):
        await accept_invitation(eve, token)
    await accept_invitation(bob, token)
    await accept_invitation(bob, second)

    assert await roles_of(bob) == {application.key: "editor", other.key: "viewer"}
    await accept_invitation(bob, second)  # as a page does that is loaded again
    with pytest.raises(Invalid, match="was used before"):
        await accept_invitation(eve, second)


async def test_a_death_after_the_account_is_completed_and_one_before_it_is_taken_back(
    application: Application,
) -> None:
    tokens = [await a_link(application, f"p{n}@example.org") for n in range(2)]
    bob = await a_user("p0@example.org")
    stranger = User(email="p1@example.org", password_hash="")
    for token, user in zip(tokens, (bob, stranger), strict=True):
        await acceptance.claim(token, user)
    assert await repair_invitations() == 0  # both may still be under way
    past = {"claimed_until": clock.now() - timedelta(seconds=1)}
    await Invitation.collection().update_many({}, {"$set": past})

    assert await repair_invitations() == 2
    assert await repair_invitations() == 0

    assert await roles_of(bob) == {application.key: "editor"}
    assert await registered(tokens[1], "p1@example.org")


async def test_one_in_use_is_not_taken_back(application: Application) -> None:
    token = await a_link(application)
    claimed = await acceptance.claim(token, User(email=BOB, password_hash=""))

    with pytest.raises(Conflict):
        await revoke_invitation(SYSTEM, application.key, claimed.key)
    await acceptance.release(claimed)

    await revoke_invitation(SYSTEM, application.key, claimed.key)


async def test_only_admins_invite_and_look(application: Application) -> None:
    operator = a_scope("operator", application.key)
    stranger = acting(await a_user("eve@example.org"))

    for scope, error in ((operator, NotAllowed), (stranger, NotFound)):
        with pytest.raises(error):
            await invited(application, scope=scope)
        with pytest.raises(error):
            await list_invitations(scope, application.key)
        with pytest.raises(error):
            await revoke_invitation(scope, application.key, application.key)


async def test_what_cannot_be_joined_invites_nobody(application: Application) -> None:
    await a_user("gone@example.org", is_active=False)

    for email in ("gone@example.org", "ada@example.org"):  # deactivated, and the owner
        with pytest.raises(Conflict):
            await invited(application, email)
    await deactivate_application(SYSTEM, application.key)
    with pytest.raises(Conflict):
        await invited(application)


async def test_lists_of_addresses_cannot_be_read_out(application: Application) -> None:
    limits = RateLimits()
    for number in range(PER_HOUR):
        email = f"p{number}@example.org"
        await invite(SYSTEM, application.key, email, "viewer", days=7, limits=limits)

    with pytest.raises(RateLimited):
        await invite(SYSTEM, application.key, BOB, "viewer", days=7, limits=limits)
