"""The audit trail: no change without its event, each event once, and who may read it."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from bson import ObjectId
from pymongo.errors import WriteError

from core import audit
from core.audit import AuditQuery, list_events, record_unrecorded
from core.clock import now
from core.database.connect import Database
from core.documents import AuditEvent, Prompt
from core.errors import NotAllowed, NotFound
from core.prompts.catalogue import NewPrompt, create_prompt, deactivate_prompt
from core.prompts.labels import move_label, remove_label
from core.prompts.publishing import publish_version, roll_back
from core.prompts.repair import repair_prompts
from core.prompts.versions import NewVersion, save_version
from core.values.scope import SYSTEM, Scope
from tests.builders import a_body, a_scope
from tests.places import a_place

pytestmark = pytest.mark.usefixtures("database")


async def actions() -> list[str]:
    return [event.action for event in await AuditEvent.find_all().sort("_id").to_list()]


async def trail() -> list[dict[str, object]]:
    return await AuditEvent.collection().find().sort("_id").to_list()


@asynccontextmanager
async def trail_out_of_order(database: Database) -> AsyncGenerator[None]:
    """Let MongoDB refuse every event, as if the process died before writing it."""
    command = {"collMod": "audit_events", "validator": {"never": {"$exists": True}}}
    await database.command(command)
    try:
        yield
    finally:
        await database.command({**command, "validator": {}})


async def label(prompt: Prompt) -> object:
    return await move_label(SYSTEM, prompt, "production", "1.0.0", reason="why")


async def unlabel(prompt: Prompt) -> object:
    labelled = await Prompt.change_one({"_id": prompt.key}, {"labels.old": "1.0.0"})
    assert labelled is not None
    return await remove_label(SYSTEM, labelled, "old", reason="why")


async def roll(prompt: Prompt) -> object:
    return await roll_back(SYSTEM, prompt, "1.0.0", reason="why")


async def publish(prompt: Prompt) -> object:
    saved = await save_version(SYSTEM, prompt, NewVersion(body=a_body("Hi.")))
    return await publish_version(SYSTEM, prompt, saved.version.version, reason="why")


async def retire(prompt: Prompt) -> object:
    return await deactivate_prompt(SYSTEM, prompt, reason="why")


@pytest.mark.parametrize(
    ("act", "action"),
    [
        (label, "label.move"),
        (unlabel, "label.remove"),
        (roll, "version.roll_back"),
        (publish, "version.publish"),
        (retire, "prompt.deactivate"),
    ],
)
async def test_what_was_done_and_not_recorded_is_recorded_later_and_once(
    database: Database, act: Callable[[Prompt], Awaitable[object]], action: str
) -> None:
    place = await a_place()
    before = await actions()

    async with trail_out_of_order(database):
        with pytest.raises(WriteError):
            await act(place.prompt)
    assert await actions() == before

    await repair_prompts()
    assert await record_unrecorded() == 0
    (event,) = await AuditEvent.find({"reason": "why"}).to_list()
    assert (event.action, event.target) == (action, f"prompt:{place.prompt.key}")


async def test_an_event_in_the_trail_and_still_carried_is_recorded_once() -> None:
    place = await a_place()
    (created, *_) = before = await trail()
    await Prompt.collection().update_one(
        {"_id": place.prompt.key}, {"$push": {"unrecorded": created}}
    )

    assert await record_unrecorded() == 1

    assert await trail() == before
    assert await Prompt.find({"unrecorded": {"$ne": []}}).count() == 0


async def test_the_change_and_its_event_are_one_write() -> None:
    """What is stored by the change alone, before the trail is written, holds the event."""
    place = await a_place()
    event = audit.make_event(SYSTEM, "label.move", f"prompt:{place.prompt.key}", reason="why")
    full = audit.stored_event(event)
    await AuditEvent.collection().insert_one({**full, "reason": "the trail's own"})

    changed = await audit.change_one(
        Prompt, {"_id": place.prompt.key}, {"labels.production": "1.0.0"}, event
    )

    assert changed is not None
    assert changed.labels == {"production": "1.0.0"}
    stored = await AuditEvent.find({"action": "label.move"}).to_list()
    assert [one.reason for one in stored] == ["the trail's own"]
    assert changed.unrecorded == []


async def test_a_change_that_did_not_happen_is_not_recorded() -> None:
    place = await a_place()
    before = await actions()
    event = audit.make_event(SYSTEM, "label.move", f"prompt:{place.prompt.key}")

    assert await audit.change_one(Prompt, {"_id": ObjectId()}, {"name": "X"}, event) is None

    assert await actions() == before


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"action": "prompt.create"}, {"prompt.create"}),
        ({"actor": "ada@example.org"}, {"prompt.create"}),
        ({"actor": "user:ada@example.org"}, {"prompt.create"}),
        ({"actor": "system"}, {"prompt.create", "version.publish"}),
        ({"target": "prompt:nothing"}, set[str]()),
        ({"end": now() - timedelta(days=1)}, set[str]()),
        ({"start": now() - timedelta(days=1)}, {"prompt.create", "version.publish"}),
    ],
)
async def test_the_trail_is_filtered(query: dict[str, object], expected: set[str]) -> None:
    place = await a_place()
    key = place.application.key
    ada = Scope(kind="user", roles={key: "editor"}, actor="user:ada@example.org")
    await create_prompt(ada, NewPrompt(application_id=key, name="Ada's"))

    page = await list_events(SYSTEM, AuditQuery.model_validate(query))

    assert {event.action for event in page.items} == expected
    assert page.total == len(page.items)


async def test_events_come_newest_first_in_pages() -> None:
    place = await a_place()
    for act in (label, roll, publish):
        await act(place.prompt)

    whole = await list_events(SYSTEM, AuditQuery(), limit=100)
    parts = [
        await list_events(SYSTEM, AuditQuery(), skip=skip, limit=2)
        for skip in range(0, whole.total, 2)
    ]

    assert [event.key for part in parts for event in part.items] == [e.key for e in whole.items]
    moments = [event.created_at for event in whole.items]
    assert moments == sorted(moments, reverse=True)


async def test_an_admin_reads_the_trail_of_the_own_application_only() -> None:
    place, other = await a_place(), await a_place()
    admin = a_scope("admin", place.application.key)

    page = await list_events(admin, AuditQuery(application_id=place.application.key))

    assert page.total == 2
    assert {event.application_id for event in page.items} == {place.application.key}
    with pytest.raises(NotAllowed):
        await list_events(admin, AuditQuery())
    with pytest.raises(NotFound):
        await list_events(admin, AuditQuery(application_id=other.application.key))
    with pytest.raises(NotAllowed):
        await list_events(
            a_scope("operator", place.application.key),
            AuditQuery(application_id=place.application.key),
        )


@pytest.mark.parametrize("name", ["application_id", "actor", "action", "target", None])
async def test_every_filter_reads_an_index_in_order(name: str | None) -> None:
    await a_place()
    wanted = {name: "x"} if name else {}

    cursor = AuditEvent.collection().find(wanted).sort([("created_at", -1), ("_id", -1)])
    plan = str((await cursor.explain())["queryPlanner"]["winningPlan"])

    index = f"{(name or '').removesuffix('_id')}_newest".removeprefix("_")
    assert f"'indexName': '{index}'" in plan
    assert "'SORT'" not in plan
