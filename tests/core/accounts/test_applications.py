"""Applications: who may do what, keys that are shown once, and what may be changed."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any, get_args

import pytest
from bson import ObjectId
from pydantic import ValidationError

from core.accounts.access import scope_of_user
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
from core.accounts.members import list_members, remove_member, set_member
from core.documents import Application, AuditEvent, Limits
from core.errors import Conflict, NotAllowed, NotFound
from core.values.scope import SYSTEM, Scope
from prompthub.wire.literals import Role
from tests.builders import a_scope, a_user, an_application
from tests.core.accounts.conftest import created, works

pytestmark = pytest.mark.usefixtures("database")


Act = Callable[[Scope, ObjectId], Awaitable[object]]


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
