from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from core import clock
from core.documents import ExecutionLog
from core.errors import NotAllowed, NotFound
from core.execution.log import (
    MAX_TOTAL,
    ExecutionQuery,
    find_neighbours,
    get_execution,
    list_executions,
)
from core.values.scope import Scope
from tests.builders import a_scope

APPLICATION = ObjectId()


@pytest.fixture
def scope(database: object) -> Scope:  # noqa: ARG001 -- opened for its effect
    return a_scope("viewer", APPLICATION)


async def an_execution(**fields: Any) -> ExecutionLog:
    values = {
        "application_id": APPLICATION,
        "prompt_id": "greet",
        "version": "1.0.0",
        "model_provider": "openai",
        "model_name": "gpt-4o-mini",
        "status": "success",
        "output_data": {"text": "Paris (France)"},
        **fields,
    }
    return await ExecutionLog.model_validate(values).insert()


async def test_executions_come_newest_first_in_pages(scope: Scope) -> None:
    start = clock.now()
    rows = [await an_execution(created_at=start + timedelta(seconds=at)) for at in range(5)]

    page = await list_executions(scope, ExecutionQuery(), skip=1, limit=2)

    assert [row.key for row in page.items] == [rows[3].key, rows[2].key]
    assert (page.total, page.total_is_capped) == (5, False)


async def test_neighbours_are_those_of_the_filtered_list_also_within_one_moment(
    scope: Scope,
) -> None:
    start = clock.now()
    rows = [await an_execution(created_at=start) for _ in range(3)]
    await an_execution(created_at=start + timedelta(seconds=1), status="failed")
    succeeded = ExecutionQuery(status="success")

    found = [await find_neighbours(scope, succeeded, row) for row in rows]

    oldest, middle, newest = (row.key for row in rows)
    assert found == [(middle, None), (newest, oldest), (None, middle)]
    others = await find_neighbours(a_scope("viewer", ObjectId()), succeeded, rows[1])
    assert others == (None, None)


async def test_another_owners_execution_is_not_found_and_not_listed(scope: Scope) -> None:
    mine = await an_execution()
    other = await an_execution(application_id=ObjectId())

    page = await list_executions(scope, ExecutionQuery())

    assert (await get_execution(scope, mine.key)).key == mine.key
    assert [row.key for row in page.items] == [mine.key]
    with pytest.raises(NotFound):
        await get_execution(scope, other.key)
    with pytest.raises(NotFound):
        await list_executions(scope, ExecutionQuery(application_id=other.application_id))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (ExecutionQuery(), 3),
        (ExecutionQuery(application_id=APPLICATION), 3),
        (ExecutionQuery(prompt_id="greet"), 2),
        (ExecutionQuery(version="2.0.0"), 1),
        (ExecutionQuery(model="openai/gpt-4o-mini"), 2),
        (ExecutionQuery(model="gpt-4o-mini"), 2),
        (ExecutionQuery(model="demo/gpt-4o-mini"), 0),
        (ExecutionQuery(status="failed"), 1),
        (ExecutionQuery(user_id=ObjectId()), 0),
        (ExecutionQuery(text="paris (f"), 2),
        (ExecutionQuery(text="FAREWELL"), 1),
        (ExecutionQuery(text="(a+)+$"), 0),
        (ExecutionQuery(text="overloaded"), 1),
        (ExecutionQuery(start=clock.now() + timedelta(days=1)), 0),
        (ExecutionQuery(end=clock.now() - timedelta(days=1)), 0),
        (ExecutionQuery(start=clock.now() - timedelta(days=1)), 3),
    ],
)
async def test_filters_narrow_the_list(scope: Scope, query: ExecutionQuery, found: int) -> None:
    await an_execution()
    await an_execution(version="2.0.0")
    await an_execution(
        prompt_id="farewell",
        model_provider="demo",
        model_name="echo",
        status="failed",
        error_message="The provider is overloaded.",
        output_data={},
    )

    page = await list_executions(scope, query)

    assert len(page.items) == page.total == found


async def test_the_total_stops_counting_at_ten_thousand(scope: Scope) -> None:
    row = {"application_id": APPLICATION, "model_provider": "x", "model_name": "y"}
    moment = clock.now()
    await ExecutionLog.collection().insert_many(
        [{**row, "created_at": moment} for _ in range(MAX_TOTAL + 1)]
    )

    page = await list_executions(scope, ExecutionQuery(), limit=1)

    assert (page.total, page.total_is_capped) == (MAX_TOTAL, True)


async def test_an_api_key_reads_no_log(scope: Scope) -> None:
    row = await an_execution()
    key = Scope(kind="application", roles=scope.roles)

    with pytest.raises(NotAllowed):
        await get_execution(key, row.key)
    with pytest.raises(NotAllowed):
        await list_executions(key, ExecutionQuery())
