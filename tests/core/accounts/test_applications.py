"""Applications and members: who may do what, keys that are shown once, and their scopes."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any, get_args

import pytest
from bson import ObjectId
from pydantic import ValidationError

from core.accounts.access import acting, scope_of_key, scope_of_user
from core.accounts.applications import (
    ApplicationChanges,
    Created,
    NewApplication,
    create_application,
    deactivate_application,
    get_application,
    list_applications,
    regenerate_key,
    restore_application,
    update_application,
)
from core.accounts.members import find_person, list_members, remove_member, set_member
from core.documents import Application, AuditEvent, Limits, Member, User
from core.errors import Conflict, NotAllowed, NotAuthenticated, NotFound
from core.values.scope import SYSTEM, Scope
from prompthub.wire.literals import Role
from tests.builders import a_scope, a_user, an_application

pytestmark = pytest.mark.usefixtures("database")

Act = Callable[[Scope, ObjectId], Awaitable[object]]


async def created(owner: User) -> Created:
    return await create_application(acting(owner), NewApplication(name=" Support desk "))


async def works(api_key: str) -> bool:
    try:
        await scope_of_key(api_key)
    except NotAuthenticated:
        return False
    return True


async def test_the_owner_gets_a_key_once_and_is_admin() -> None:
    ada = await a_user()

    application, api_key = await created(ada)

    key = api_key.get_secret_value()
    scope = await scope_of_user(ada)
    stored = await get_application(scope, application.key)
    assert (stored.name, scope.role_in(application.key)) == ("Support desk", "admin")
    assert key.startswith("ph_")
    assert len(key) == 46
    assert stored.api_key_prefix == key[:9]
    assert key not in stored.model_dump_json()


async def test_a_key_sees_its_own_application_as_a_viewer() -> None:
    application, api_key = await created(await a_user())

    scope, found = await scope_of_key(api_key.get_secret_value())

    assert found.key == application.key
    assert scope.kind == "application"
    assert dict(scope.roles) == {application.key: "viewer"}


async def test_near_misses_of_a_key_are_refused() -> None:
    _, api_key = await created(await a_user())
    key = api_key.get_secret_value()
    last = "A" if key[-1] != "A" else "B"

    misses = [key.swapcase(), key[:-1], key + "A", key[:-1] + last, key[3:], f" {key}", f"{key}\n"]
    misses += ["", "ph_", "ph_" + "\ud800" * 43, "ph_" + "x" * 100_000]

    assert [await works(miss) for miss in misses] == [False] * len(misses)
    assert await works(key)


async def test_the_last_use_of_a_key_is_written_once_a_minute() -> None:
    application, api_key = await created(await a_user())

    await asyncio.gather(*(scope_of_key(api_key.get_secret_value()) for _ in range(5)))
    first = await Application.get(application.key)
    await scope_of_key(api_key.get_secret_value())
    second = await Application.get(application.key)

    assert first is not None
    assert second is not None
    assert first.api_key_last_used_at is not None
    assert second.api_key_last_used_at == first.api_key_last_used_at
    assert second.revision == application.revision


async def test_a_regenerated_key_replaces_the_old_one_at_once() -> None:
    ada = await a_user()
    application, old = await created(ada)

    _, new = await regenerate_key(await scope_of_user(ada), application.key)

    assert not await works(old.get_secret_value())
    assert await works(new.get_secret_value())


async def test_of_ten_regenerations_at_once_one_key_works() -> None:
    ada = await a_user()
    application, old = await created(ada)
    scope = await scope_of_user(ada)

    results = await asyncio.gather(
        *(regenerate_key(scope, application.key) for _ in range(10)), return_exceptions=True
    )

    keys = [result.api_key.get_secret_value() for result in results if isinstance(result, Created)]
    assert [await works(key) for key in keys].count(True) == 1
    # Nobody is handed a key that was dead before the answer: those who lost are told so.
    assert len(keys) < 10
    assert all(isinstance(result, Created | Conflict) for result in results)
    assert not await works(old.get_secret_value())


async def test_an_application_out_of_service_refuses_its_key_at_once() -> None:
    ada = await a_user()
    application, api_key = await created(ada)
    scope = await scope_of_user(ada)

    await deactivate_application(scope, application.key, reason="leaked")
    assert not await works(api_key.get_secret_value())
    assert (await scope_of_user(ada)).role_in(application.key) == "admin"
    assert await list_applications(scope, active_only=True) == []
    await restore_application(scope, application.key)

    assert await works(api_key.get_secret_value())
    event = await AuditEvent.find_one({"action": "application.deactivate"})
    assert event is not None
    assert event.reason == "leaked"


async def test_changes_are_merged() -> None:
    ada = await a_user()
    application, _ = await created(ada)
    scope = await scope_of_user(ada)
    limits = Limits(monthly_budget_usd=Decimal("12.50"), hard_stop=True)

    await update_application(
        scope,
        application.key,
        ApplicationChanges(
            limits=limits,
            allowed_models=("openai/gpt-4o-mini",),
            time_zone="Europe/Paris",
            retention_days=30,
        ),
    )
    after = await update_application(
        scope, application.key, ApplicationChanges(retention_days=None, name="Desk")
    )

    assert (after.name, after.retention_days, after.time_zone) == ("Desk", None, "Europe/Paris")
    assert after.limits == limits
    assert after.allowed_models == ["openai/gpt-4o-mini"]
    event = await AuditEvent.find({"action": "application.update"}).sort("_id").first_or_none()
    assert event is not None
    assert event.after["limits"]["monthly_budget_usd"] == "12.50"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "  "},
        {"name": "x" * 101},
        {"name": "two\nlines"},
        {"name": "nul\x00"},
        {"description": "\ud800"},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": ""},
        {"time_zone": "Europe"},
        {"retention_days": 0},
        {"limits": {"monthly_budget_usd": "NaN"}},
        {"limits": {"monthly_budget_usd": -1}},
        {"allowed_models": ["no slash"]},
        {"owner_id": "0" * 24},
        {"api_key_hash": "0" * 64},
    ],
)
def test_changes_that_break_a_rule_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ApplicationChanges.model_validate(changes)


async def _update(scope: Scope, key: ObjectId) -> object:
    return await update_application(scope, key, ApplicationChanges(name="Taken"))


async def _set_member(scope: Scope, key: ObjectId) -> object:
    member = await a_user(f"{ObjectId()}@example.org")
    return await set_member(scope, key, member.key, "viewer")


async def _remove_member(scope: Scope, key: ObjectId) -> object:
    member = await a_user(f"{ObjectId()}@example.org")
    await set_member(SYSTEM, key, member.key, "viewer")
    return await remove_member(scope, key, member.key)


ADMIN_ACTS: list[Act] = [
    _update,
    _set_member,
    _remove_member,
    regenerate_key,
    list_members,
    deactivate_application,
    restore_application,
]


@pytest.mark.parametrize("act", ADMIN_ACTS)
async def test_only_admins_manage_an_application(act: Act) -> None:
    application = await an_application()
    before = application.model_dump(exclude={"members", "updated_at", "revision"})

    for role in get_args(Role)[:-1]:
        with pytest.raises(NotAllowed):
            await act(a_scope(role, application.key), application.key)
    key_scope = Scope(kind="application", roles={application.key: "viewer"})
    with pytest.raises(NotAllowed):
        await act(key_scope, application.key)
    with pytest.raises(NotFound):
        await act(a_scope("admin", ObjectId()), application.key)

    after = await Application.get(application.key)
    assert after is not None
    assert after.model_dump(exclude={"members", "updated_at", "revision"}) == before
    assert await act(a_scope("admin", application.key), application.key) is not None


async def test_everybody_with_a_role_sees_the_application_and_nobody_else() -> None:
    application = await an_application()

    for role in get_args(Role):
        scope = a_scope(role, application.key)
        assert (await get_application(scope, application.key)).key == application.key
        assert [a.key for a in await list_applications(scope)] == [application.key]
    stranger = a_scope("admin", ObjectId())
    with pytest.raises(NotFound):
        await get_application(stranger, application.key)
    assert await list_applications(stranger) == []
    assert len(await list_applications(SYSTEM)) == 1
    with pytest.raises(NotFound):
        await get_application(SYSTEM, ObjectId())


async def test_only_people_own_applications() -> None:
    application = await an_application()
    key_scope = Scope(kind="application", roles={application.key: "viewer"})

    with pytest.raises(NotAllowed):
        await create_application(key_scope, NewApplication(name="Mine"))


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
    assert await find_person("gone@example.org") is None


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


async def test_superusers_are_admin_everywhere() -> None:
    root = await a_user(is_superuser=True)
    application = await an_application()

    scope = await scope_of_user(root)

    assert scope.role_in(application.key) == "admin"
    assert await deactivate_application(scope, application.key)
