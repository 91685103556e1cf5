import random
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from core import clock
from core.accounts.access import scope_of_user
from core.analytics.answer import answer
from core.analytics.question import Question
from core.analytics.rollup import rebuild, roll_up
from core.analytics.window import make_window
from core.documents import (
    AuditEvent,
    Example,
    ExecutionLog,
    Feedback,
    PromptSource,
    SourceText,
    TypedInput,
    UsageSeries,
    User,
)
from core.errors import Conflict, NotAllowed, NotFound
from core.execution.erasure import Erased, erase_execution, erase_user
from core.values.messages import Message
from core.values.scope import SYSTEM, Scope
from prompthub.wire.literals import SourceType
from tests.core.analytics.streams import a_run, an_application

SECRET = "Ada lives at 12 Example Street"
SAID = {
    "input_data": {"variables": {"text": SECRET}, "model_params": {"seed": 1}},
    "rendered_messages": [Message(role="user", content=SECRET)],
    "output_data": {"text": SECRET},
    "metadata": {"note": SECRET},
    "findings": [{"message": SECRET}],
    "error_message": SECRET,
    "error_facts": {"reason": SECRET},
}

pytestmark = pytest.mark.usefixtures("database")


async def a_user(email: str) -> User:
    return await User(email=email, full_name="Ada", password_hash="x").insert()


async def said_by(user_id: ObjectId | None, application_id: ObjectId, **fields: object) -> ObjectId:
    at = clock.now() - timedelta(hours=3)
    run = a_run(random.Random(1), application_id, at, **{**SAID, "user_id": user_id, **fields})
    await run.insert()
    await Feedback(
        execution_id=run.key, user_id=user_id or ObjectId(), rating=2, comment=SECRET
    ).insert()
    return run.key


async def everything() -> str:
    rows = [*await ExecutionLog.find_all().to_list(), *await Feedback.find_all().to_list()]
    return str([row.model_dump() for row in rows])


async def test_a_run_loses_its_words_and_keeps_its_figures() -> None:
    application = await an_application("UTC")
    verifier = await said_by(None, application.key)
    key = await said_by(
        ObjectId(), application.key, guardrail_verdicts=[{"execution_id": str(verifier)}]
    )
    before = await ExecutionLog.get(key)

    erased = await erase_execution(SYSTEM, key)
    again = await erase_execution(SYSTEM, key)

    assert (erased, again) == (Erased(2, 1, 0), Erased(0, 0, 0))
    after = await ExecutionLog.get(key)
    assert before is not None
    assert after is not None
    assert after.erased_at is not None
    assert after.user_id is None
    assert after.input_data == {"model_params": {"seed": 1}}
    for name in ("status", "cost_usd", "input_tokens", "latency_ms", "version", "model_name"):
        assert getattr(after, name) == getattr(before, name)
    # The rating of the verifier's own run is another one.
    await Feedback.find({"execution_id": verifier}).delete()
    assert SECRET not in await everything()
    assert [event.action for event in await AuditEvent.find_all().to_list()] == ["execution.erase"]


async def test_a_person_is_erased_from_runs_ratings_and_sums() -> None:
    application = await an_application("UTC")
    ada, bob = await a_user("ada@example.org"), await a_user("bob@example.org")
    for _ in range(3):
        await said_by(ada.key, application.key, status="success")
    kept = await said_by(bob.key, application.key, status="success")
    await roll_up()

    for user in (ada, bob):
        await Example(
            application_id=application.key, prompt_key=ObjectId(), name="X", user_id=user.key
        ).insert()
        await TypedInput(
            user_id=user.key, place_id=application.key, values={"name": SECRET}
        ).insert()
    erased = await erase_user(SYSTEM, ada.key)
    again = await erase_user(SYSTEM, ada.key)

    assert (erased, again) == (Erased(3, 3, 0, 1), Erased(0, 0, 0))
    assert [one.user_id for one in await Example.find_all().to_list()] == [bob.key]
    assert [one.user_id for one in await TypedInput.find_all().to_list()] == [bob.key]
    assert str(ada.key) not in await everything()
    assert await UsageSeries.find({"user_id": ada.key}).count() == 0
    assert await people() == {None: 3, str(bob.key): 1}
    await rebuild(clock.now() - timedelta(days=2), clock.now())
    assert await people() == {None: 3, str(bob.key): 1}
    run = await ExecutionLog.get(kept)
    assert run is not None
    assert run.output_data == {"text": SECRET}
    assert [one.action for one in await AuditEvent.find_all().to_list()] == ["user.erase"]


async def people() -> dict[str | None, int]:
    told = await answer(SYSTEM, Question(window=make_window(), group_by=("user",)))
    return {item.keys["user_id"]: item.figures.runs for item in told.items}


async def test_who_runs_again_is_not_told_with_what_was_erased() -> None:
    application = await an_application("UTC")
    ada = await a_user("ada@example.org")
    await said_by(ada.key, application.key, status="success")
    await roll_up()
    await erase_user(SYSTEM, ada.key)

    await a_run(
        random.Random(2), application.key, clock.now(), user_id=ada.key, status="success"
    ).insert()

    assert await people() == {None: 2}


async def test_what_is_running_is_left_and_told() -> None:
    application = await an_application("UTC")
    ada = await a_user("ada@example.org")
    key = await said_by(ada.key, application.key, status="running")

    with pytest.raises(Conflict):
        await erase_execution(SYSTEM, key)

    assert (await erase_user(SYSTEM, ada.key)).running == 1


async def test_admins_erase_runs_and_superusers_people() -> None:
    application = await an_application("UTC")
    ada = await a_user("ada@example.org")
    key = await said_by(ada.key, application.key)
    editor = Scope(kind="user", user_id=ObjectId(), roles={application.key: "editor"})
    admin = Scope(kind="user", user_id=ObjectId(), roles={application.key: "admin"})

    with pytest.raises(NotAllowed):
        await erase_execution(editor, key)
    with pytest.raises(NotFound):
        await erase_execution(await scope_of_user(ada), key)
    with pytest.raises(NotAllowed):
        await erase_user(admin, ada.key)
    with pytest.raises(NotFound):
        await erase_user(SYSTEM, ObjectId())

    assert (await erase_execution(admin, key)).executions == 1


async def source_of(user: User, kind: SourceType, application_id: ObjectId) -> SourceText:
    place: dict[str, Any] = {
        "application_id": application_id,
        "content_digest": f"{user.key} {kind}",
    }
    by = f"user:{user.email}"
    source = SourceText(**place, source_type=kind, title=SECRET, packed=b"x", created_by=by)
    await source.insert()
    link = PromptSource(
        **place, source_id=source.key, source_type=kind, span_key="0-1", created_by=by,
        prompt_id=ObjectId(), extraction_metadata={"title": SECRET, "kind": "list"},
    )  # fmt: skip
    await link.insert()
    return source


async def test_texts_and_files_that_a_person_brought_go_and_pages_become_nobodys() -> None:
    application = await an_application("UTC")
    ada, bob = await a_user("ada@example.org"), await a_user("bob@example.org")
    for kind in ("manual", "pdf"):
        await source_of(ada, kind, application.key)
    page = await source_of(ada, "web", application.key)
    other = await source_of(bob, "manual", application.key)

    erased = await erase_user(SYSTEM, ada.key)
    again = await erase_user(SYSTEM, ada.key)

    assert (erased, again) == (Erased(0, 0, 0, 0, 2), Erased(0, 0, 0))
    left = await SourceText.find_all().to_list()
    assert {(one.key, one.created_by) for one in left} == {
        (page.key, ""),
        (other.key, "user:bob@example.org"),
    }
    links = await PromptSource.find_all().to_list()
    assert len(links) == 4
    assert {one.source_type for one in links if one.extraction_metadata["title"] == ""} == {
        "manual",
        "pdf",
    }
    assert "ada@example.org" not in str(links)
    assert [one.after["sources"] for one in await AuditEvent.find_all().to_list()] == [2]
