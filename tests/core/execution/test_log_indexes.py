"""How the log is read: what the database really did for each filter of the page."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from core import clock
from core.documents import ExecutionLog
from core.execution.log import ExecutionQuery, find_neighbours, has_executions, list_executions
from core.values.scope import SYSTEM, Scope

APPLICATION, PERSON = ObjectId(), ObjectId()
STATES = ("success", "success", "success", "failed", "blocked")
ROWS = 200
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def watched() -> AsyncGenerator[Any]:
    """The database with rows of four prompts in two versions, which notes each read."""
    rows = [
        {
            "application_id": APPLICATION,
            "prompt_id": f"prompt-{number % 4}",
            "version": f"{1 + number % 2}.0.0",
            "user_id": PERSON if number % 3 == 0 else None,
            "model_provider": "demo",
            "model_name": "echo",
            "status": STATES[number % 5] if number else "running",
            "created_at": clock.now() - timedelta(minutes=number),
        }
        for number in range(ROWS)
    ]
    collection = ExecutionLog.collection()
    await collection.insert_many(rows)
    await collection.database.command("profile", 2)
    yield collection.database
    await collection.database.command("profile", 0)
    await collection.database.drop_collection("system.profile")


@pytest.mark.parametrize("is_member", [False, True])
@pytest.mark.parametrize(
    "query",
    [
        ExecutionQuery(),
        ExecutionQuery(prompt_id="prompt-3"),
        ExecutionQuery(prompt_id="prompt-3", version="2.0.0"),
        ExecutionQuery(status="failed"),
        ExecutionQuery(status="running"),
        ExecutionQuery(user_id=PERSON),
        ExecutionQuery(application_id=APPLICATION),
        ExecutionQuery(start=clock.now() - timedelta(hours=1)),
    ],
    # Worker processes of a run must know a case by the same name.
    ids=["all", "prompt", "version", "failed", "running", "person", "application", "since"],
)
async def test_each_filter_reads_an_index_and_no_more_than_it_shows(
    watched: Any, query: ExecutionQuery, *, is_member: bool
) -> None:
    member = Scope(kind="user", user_id=ObjectId(), roles={APPLICATION: "viewer"})
    scope = member if is_member else SYSTEM

    page = await list_executions(scope, query, limit=3)
    await find_neighbours(scope, query, page.items[0])
    assert await has_executions(scope)

    noted = await watched["system.profile"].find({"ns": {"$regex": "execution_logs$"}}).to_list()
    reads = [one for one in noted if one["op"] == "query"]
    assert len(reads) == 4
    assert [one["planSummary"] for one in reads if "COLLSCAN" in one["planSummary"]] in (
        [],
        ["COLLSCAN"],  # whether there is any at all, for whoever sees everything
    )
    assert max(one["docsExamined"] for one in reads) <= 3
    if query.status != "running":  # of which there are few at any time
        assert not any(one.get("hasSortStage") for one in reads)
