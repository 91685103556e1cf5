from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from core import clock
from core.documents import ExecutionLog, Prompt
from core.errors import NotAllowed, NotFound
from core.execution.callers import MOST_READ, find_callers
from core.values.scope import Scope
from tests.builders import a_scope

APPLICATION = ObjectId()


@pytest.fixture
def viewer(database: object) -> Scope:  # noqa: ARG001 -- opened for its effect
    return a_scope("viewer", APPLICATION)


@pytest.fixture
def prompt() -> Prompt:
    return Prompt(prompt_id="greet", name="Greet", application_id=APPLICATION)


def a_row(**fields: Any) -> ExecutionLog:
    values = {"application_id": APPLICATION, "prompt_id": "greet", "status": "success"}
    values |= {"model_provider": "openai", "model_name": "gpt-4o-mini", **fields}
    return ExecutionLog.model_validate(values)


async def test_calls_with_the_key_are_told_apart_from_those_of_people(
    viewer: Scope, prompt: Prompt
) -> None:
    ada, bob, now = ObjectId(), ObjectId(), clock.now()
    rows = [a_row(user_id=ada), a_row(user_id=ada), a_row(user_id=bob), a_row(), a_row()]
    erased = a_row(erased_at=now)
    others = [
        a_row(prompt_id="plan"),
        a_row(application_id=ObjectId()),
        a_row(created_at=now - timedelta(days=31)),
    ]
    await ExecutionLog.insert_many([*rows, erased, *others])

    found = await find_callers(viewer, prompt)

    assert (found.by_key, found.by_people, found.people) == (2, 4, 2)
    assert found.last_by_key is not None
    assert not found.is_capped


async def test_of_a_prompt_that_is_run_all_the_time_the_newest_runs_are_counted(
    viewer: Scope, prompt: Prompt
) -> None:
    await ExecutionLog.insert_many([a_row() for _ in range(MOST_READ + 2)])

    found = await find_callers(viewer, prompt)

    assert found.is_capped


async def test_only_people_who_see_the_prompt_are_told(viewer: Scope, prompt: Prompt) -> None:
    stranger = a_scope("admin", ObjectId())
    key = Scope(kind="application", roles={APPLICATION: "viewer"})

    assert (await find_callers(viewer, prompt)).runs == 0
    with pytest.raises(NotFound):
        await find_callers(stranger, prompt)
    with pytest.raises(NotAllowed):
        await find_callers(key, prompt)
