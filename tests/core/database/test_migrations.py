import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest
from bson import ObjectId

from core import clock
from core.database.connect import Database, bind, reached
from core.database.migrations import BASE, meta_of, migrate, newest_version, read_version
from core.database.migrations.m0002_feedback_application import tell_application
from core.documents import SchemaMeta
from core.errors import NotConfigured, Unavailable


async def set_meta(database: Database, **fields: object) -> None:
    meta = {"_id": SchemaMeta.KEY, "created_at": clock.now(), "version": BASE, **fields}
    await meta_of(database).replace_one({"_id": SchemaMeta.KEY}, meta, upsert=True)


async def add_one(database: Database) -> None:
    await database["migrated"].insert_one({"step": 1})
    await asyncio.sleep(0.1)


async def add_two(database: Database) -> None:
    await database["migrated"].insert_one({"step": 2})


async def fail(database: Database) -> None:
    raise RuntimeError(database.name)


@pytest.fixture
async def old_data(mongo_uri: str, worker_id: str) -> AsyncGenerator[Database]:
    async with reached(mongo_uri, f"migrations_{worker_id}") as database:
        await database.client.drop_database(database.name)
        await set_meta(database)
        yield database
        await database.client.drop_database(database.name)


async def test_older_data_run_the_steps_they_lack_in_order_and_once(old_data: Database) -> None:
    await migrate(old_data, [add_one])

    assert await migrate(old_data, [add_one, add_two]) == BASE + 2
    assert await migrate(old_data, [add_one, add_two]) == BASE + 2

    steps = await old_data["migrated"].distinct("step")
    assert steps == [1, 2]
    assert await old_data["migrated"].count_documents({}) == 2


async def test_processes_migrating_at_once_run_each_step_once(old_data: Database) -> None:
    reached = await asyncio.gather(*(migrate(old_data, [add_one, add_two]) for _ in range(8)))

    assert set(reached) == {BASE + 2}
    assert await old_data["migrated"].count_documents({}) == 2


async def test_a_failed_step_is_run_again_at_once_by_the_next_start(old_data: Database) -> None:
    with pytest.raises(RuntimeError):
        await migrate(old_data, [fail])

    assert await migrate(old_data, [add_one], wait_seconds=0) == BASE + 1


async def test_the_lease_of_a_process_that_died_is_taken_over(old_data: Database) -> None:
    await set_meta(old_data, lease_owner="dead", lease_until=clock.now() - timedelta(seconds=1))

    assert await migrate(old_data, [add_one], wait_seconds=0) == BASE + 1


async def test_another_process_that_migrates_for_too_long_is_told(old_data: Database) -> None:
    await set_meta(old_data, lease_owner="busy", lease_until=clock.now() + timedelta(seconds=60))

    with pytest.raises(Unavailable):
        await migrate(old_data, [add_one], wait_seconds=0.2)


async def test_data_of_a_newer_program_are_refused_untouched(old_data: Database) -> None:
    await set_meta(old_data, version=newest_version() + 1)

    with pytest.raises(NotConfigured, match="newer"):
        await bind(old_data)

    assert await read_version(meta_of(old_data)) == newest_version() + 1


async def test_data_of_a_restore_that_did_not_finish_are_refused(old_data: Database) -> None:
    await set_meta(old_data, is_restoring=True)

    with pytest.raises(Unavailable, match="did not finish"):
        await bind(old_data)


async def test_a_new_database_starts_at_the_newest_version(old_data: Database) -> None:
    await meta_of(old_data).delete_many({})

    assert await asyncio.gather(*(migrate(old_data) for _ in range(4))) == [newest_version()] * 4
    assert await meta_of(old_data).count_documents({}) == 1


async def test_ratings_learn_their_application_from_what_was_rated(old_data: Database) -> None:
    run, prompt, version, gone = (ObjectId() for _ in range(4))
    await old_data["execution_logs"].insert_one({"_id": run, "application_id": 1})
    await old_data["prompts"].insert_one({"_id": prompt, "application_id": 2})
    await old_data["prompt_versions"].insert_one({"_id": version, "prompt_id": prompt})
    targets = [(None, run), (version, None), (gone, gone), (version, run)]
    await old_data["feedback"].insert_many(
        [{"prompt_version_id": of, "execution_id": at, "rating": 3} for of, at in targets]
    )

    for _ in range(2):
        await tell_application(old_data)

    found = await old_data["feedback"].find({}).sort("_id").to_list()
    assert [row.get("application_id") for row in found] == [1, 2, None, 1]
    assert [row["rating"] for row in found] == [3, 3, 3, 3]
