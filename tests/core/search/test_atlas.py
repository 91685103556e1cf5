"""The server's vector index answers as the one in memory does, where a server has one."""

import asyncio
import os

import numpy as np
import pytest

from core.database.connect import connected
from core.documents import ALL
from core.search.atlas import ServerVectors, definition_of, find_index
from core.search.rank import Filters, score_meaning, visible_slots
from tests.builders import a_scope, an_application
from tests.core.search.conftest import Desk, a_prompt
from tests.core.search.restless import an_engine

URI = os.environ.get("PROMPTHUB_TEST_SEARCH_URI")
INDEX_SECONDS = 120
NAME = "hashing/test"


async def test_a_server_without_search_is_left_alone(desk: Desk) -> None:
    await a_prompt(desk.operator, "Letter", "Write a letter.")

    if await find_index() is None:
        assert await ServerVectors.offered(NAME, 32) is None


def test_the_index_is_defined_for_the_vectors_and_filters() -> None:
    vector, *filters = definition_of(384)["fields"]

    assert (vector["path"], vector["numDimensions"], vector["similarity"]) == (
        "vector",
        384,
        "cosine",
    )
    assert {field["path"] for field in filters} == {"application_id", "embedding_model", "kind"}


@pytest.mark.long
@pytest.mark.skipif(URI is None, reason="PROMPTHUB_TEST_SEARCH_URI names no server with search")
async def test_the_servers_index_scores_as_the_one_in_memory() -> None:
    async with connected(str(URI), "prompthub_test_search"):
        for document in ALL:
            await document.delete_all()
        mine = a_scope("operator", (await an_application()).key)
        theirs = a_scope("operator", (await an_application()).key)
        for scope, text in (
            (mine, "Write a letter."),
            (mine, "Mend a bike."),
            (theirs, "A letter"),
        ):
            await a_prompt(scope, text, text)
        engine, behind = an_engine()
        await behind.follow()
        now = await engine.fresh()
        assert engine.embeddings.embedder is not None
        (vector,) = await engine.embeddings.embedder.encode(["a letter"])
        server = await queryable(engine.embeddings.embedder.dimensions)

        for filters in (Filters(mine), Filters(theirs), Filters(mine, all_versions=True)):
            found = await server.near(now, filters, vector)
            expected = score_meaning(now, vector, visible_slots(now, filters))
            assert np.allclose(found.scores, expected.scores, atol=1e-5)


async def queryable(dimensions: int) -> ServerVectors:
    for _ in range(INDEX_SECONDS):
        if (server := await ServerVectors.offered(NAME, dimensions)) is not None:
            return server
        await asyncio.sleep(1)
    pytest.fail("The index did not become ready.")
