"""Members: roles given and taken, the fixed owner, and many changes at once."""

import asyncio

import pytest
from bson import ObjectId

from core.accounts.access import scope_of_user
from core.accounts.members import find_person, list_members, remove_member, set_member
from core.documents import Application, Member
from core.errors import Conflict, NotAllowed, NotFound
from core.values.scope import SYSTEM
from tests.builders import a_scope, a_user, an_application
from tests.core.accounts.conftest import created

pytestmark = pytest.mark.usefixtures("database")


async def test_membership_gives_the_role_and_removal_takes_it() -> None:
    ada, bob = await a_user(), await a_user("bob@example.org")
    application, _ = await created(ada)
    scope = await scope_of_user(ada)

    await set_member(scope, application.key, bob.key, "viewer")
    await set_member(scope, application.key, bob.key, "operator")
    assert dict((await scope_of_user(bob)).roles) == {application.key: "operator"}
    members = await list_members(scope, application.key)
    assert [(m.user.email, m.role, m.is_owner) for m in members] == [
        ("ada@example.org", "admin", True),
        ("bob@example.org", "operator", False),
    ]
    await remove_member(scope, application.key, bob.key)

    assert (await scope_of_user(bob)).roles == {}
    with pytest.raises(NotFound):
        await remove_member(scope, application.key, bob.key)


async def test_the_owner_stays_admin() -> None:
    ada = await a_user()
    application, _ = await created(ada)
    scope = await scope_of_user(ada)

    with pytest.raises(Conflict):
        await set_member(scope, application.key, ada.key, "viewer")
    with pytest.raises(Conflict):
        await remove_member(scope, application.key, ada.key)


async def test_only_active_people_become_members() -> None:
    gone = await a_user("gone@example.org", is_active=False)
    application = await an_application()

    for user_id in (ObjectId(), gone.key):
        with pytest.raises(NotFound):
            await set_member(SYSTEM, application.key, user_id, "viewer")
    found = await find_person(SYSTEM, application.key, "gone@example.org")
    assert found is not None
    with pytest.raises(NotFound):
        await find_person(a_scope("admin", ObjectId()), application.key, "gone@example.org")


async def test_members_set_at_once_are_all_kept_and_each_once() -> None:
    application = await an_application()
    people = [await a_user(f"user{number}@example.org") for number in range(6)]

    await asyncio.gather(
        *(set_member(SYSTEM, application.key, user.key, "editor") for user in people * 2)
    )

    after = await Application.get(application.key)
    assert after is not None
    assert {member.user_id for member in after.members} == {user.key for user in people}
    assert len(after.members) == len(people)


async def test_a_full_application_still_changes_and_loses_members() -> None:
    people = [ObjectId() for _ in range(499)]
    bob, eve = await a_user("bob@example.org"), await a_user("eve@example.org")
    members = [Member(user_id=key, role="viewer") for key in [*people, bob.key]]
    application = await an_application(members=members)

    with pytest.raises(Conflict):
        await set_member(SYSTEM, application.key, eve.key, "viewer")
    await set_member(SYSTEM, application.key, bob.key, "editor")
    await remove_member(SYSTEM, application.key, bob.key)

    assert await set_member(SYSTEM, application.key, eve.key, "viewer")


async def test_members_give_up_their_own_role_and_nobody_elses() -> None:
    ada, bob, eve = [await a_user(f"{name}@example.org") for name in ("ada", "bob", "eve")]
    application, _ = await created(ada)
    for user in (bob, eve):
        await set_member(SYSTEM, application.key, user.key, "viewer")
    scope = await scope_of_user(bob)

    with pytest.raises(NotAllowed):
        await remove_member(scope, application.key, eve.key)
    await remove_member(scope, application.key, bob.key)

    assert (await scope_of_user(bob)).roles == {}
