"""An import that dies half-way, and imports of the same at once."""

import asyncio
from typing import Any

import pytest
from bson import ObjectId
from pymongo.errors import PyMongoError

from core.database.connect import Database
from core.prompts.publishing import publish_version
from core.prompts.repair import repair_prompts
from core.values.scope import SYSTEM
from tests.builders import an_application
from tests.core.transfer.files import (
    a_prompt_of,
    a_version_of,
    bring,
    count_stored,
    prompts_of,
    stored,
)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def place(database: object) -> ObjectId:  # noqa: ARG001 - opened for its effect
    return (await an_application()).key


@pytest.mark.parametrize(
    ("collection", "refused"),
    [
        ("prompt_versions", {"version": {"$nin": ["1.0.0"]}}),
        ("prompt_versions", {"version": {"$nin": ["1.0.1"]}}),
        ("prompt_versions", {"version": {"$nin": ["2.0.0"]}}),
        ("prompts", {"labels.beta": {"$exists": False}}),
    ],
)
async def test_an_import_that_died_half_way_is_completed_by_the_same_again(
    database: Database, place: ObjectId, collection: str, refused: dict[str, Any]
) -> None:
    """MongoDB refuses one of the writes, which ends the import as a death before it would."""
    texts = {"1.0.0": "a", "1.0.1": "b", "2.0.0": "c"}
    versions = [a_version_of(text, number) for number, text in texts.items()]
    file = a_prompt_of("greet", *versions, current_version="1.0.1", labels={"beta": "1.0.0"})

    await database.command({"collMod": collection, "validator": refused})
    try:
        with pytest.raises(PyMongoError):
            await bring(place, file)
    finally:
        await database.command({"collMod": collection, "validator": {}})
    await repair_prompts()
    assert (await stored()).current_version in {None, "1.0.1"}
    await bring(place, file)

    other = (await an_application()).key
    await bring(other, file)
    assert await prompts_of(place) == await prompts_of(other)
    assert (await bring(place, file)).count("unchanged") == 1


async def test_publishing_an_older_version_again_moves_nothing_in_the_imported_library(
    place: ObjectId,
) -> None:
    await bring(place, a_prompt_of("greet", a_version_of("a"), a_version_of("b", "1.0.1")))

    await publish_version(SYSTEM, await stored(), "1.0.0")

    assert (await stored()).current_version == "1.0.1"


async def test_parallel_imports_of_one_file_are_one(place: ObjectId) -> None:
    versions = [a_version_of(f"text {n}", f"1.0.{n}") for n in range(5)]
    file = [a_prompt_of(f"p-{n}", *versions, labels={"beta": "1.0.2"}) for n in range(6)]

    reports = await asyncio.gather(*(bring(place, *file) for _ in range(4)))

    assert sum(report.count("refused") for report in reports) == 0
    assert await count_stored() == (6, 30)
    for prompt in await prompts_of(place):
        assert (prompt["current_version"], prompt["labels"]) == ("1.0.4", {"beta": "1.0.2"})
        assert [one["version"] for one in prompt["versions"]] == [v["version"] for v in versions]
