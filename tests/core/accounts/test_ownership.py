"""Handing an application over: by whom, to whom, and once."""

import asyncio

import pytest
from bson import ObjectId

from core.accounts.access import scope_of_user
from core.accounts.members import set_member, transfer_application
from core.documents import Application, AuditEvent, User
from core.errors import Conflict, NotAllowed, NotFound
from core.values.scope import SYSTEM
from tests.builders import a_scope, a_user, an_application

pytestmark = pytest.mark.usefixtures("database")


async def a_team() -> tuple[Application, User, User, User]:
    """An application of Ada's with two more people in it."""
    ada, bob, eve = [await a_user(f"{name}@example.org") for name in ("ada", "bob", "eve")]
    application = await an_application(ada)
    await set_member(SYSTEM, application.key, bob.key, "viewer")
    await set_member(SYSTEM, application.key, eve.key, "admin")
    return application, ada, bob, eve


async def test_the_old_owner_stays_as_an_admin_and_is_owner_no_more() -> None:
    application, ada, bob, eve = await a_team()

    after = await transfer_application(await scope_of_user(ada), application.key, bob.key)

    assert after.owner_id == bob.key
    assert {m.user_id: m.role for m in after.members} == {eve.key: "admin", ada.key: "admin"}
    assert (await scope_of_user(bob)).roles == {application.key: "admin"}
    with pytest.raises(NotAllowed):
        await transfer_application(await scope_of_user(ada), application.key, ada.key)
    event = await AuditEvent.find_one({"action": "application.transfer"})
    assert event is not None
    assert event.before == {"owner_id": str(ada.key)}
    assert event.after == {"owner_id": str(bob.key)}


async def test_only_the_owner_and_superusers_hand_it_over() -> None:
    application, _, bob, eve = await a_team()

    with pytest.raises(NotAllowed):
        await transfer_application(await scope_of_user(eve), application.key, eve.key)
    with pytest.raises(NotFound):
        await transfer_application(a_scope("admin", ObjectId()), application.key, eve.key)

    assert (await transfer_application(SYSTEM, application.key, bob.key)).owner_id == bob.key


async def test_strangers_the_owner_and_the_deactivated_do_not_get_it() -> None:
    application, ada, bob, _ = await a_team()
    stranger = await a_user("stranger@example.org")
    await User.collection().update_one({"_id": bob.key}, {"$set": {"is_active": False}})

    for user_id, error in (
        (stranger.key, NotFound),
        (ObjectId(), NotFound),
        (ada.key, Conflict),
        (bob.key, Conflict),
    ):
        with pytest.raises(error):
            await transfer_application(SYSTEM, application.key, user_id)


async def test_of_two_at_once_one_holds_and_nobody_is_lost() -> None:
    application, ada, bob, eve = await a_team()
    scope = await scope_of_user(ada)

    came = await asyncio.gather(
        *(transfer_application(scope, application.key, user.key) for user in (bob, eve) * 4),
        return_exceptions=True,
    )

    assert sum(isinstance(one, Application) for one in came) == 1
    after = await Application.get(application.key)
    assert after is not None
    people = [after.owner_id, *(member.user_id for member in after.members)]
    assert sorted(people) == sorted([ada.key, bob.key, eve.key])
