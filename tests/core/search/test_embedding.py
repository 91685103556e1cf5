"""Every version gets its vectors behind its save, and only those of its present text and name."""

import asyncio
import random
from collections.abc import AsyncGenerator, Generator, Sequence
from typing import Any

import numpy as np
import pytest

from core.documents import Prompt, PromptChunk, PromptVersion
from core.embeddings.base import Vectors, cut
from core.embeddings.loading import Embeddings
from core.prompts.catalogue import PromptChanges, update_prompt
from core.prompts.versions import delete_draft, update_draft
from core.search.embedding import CatchUp
from core.search.made import Wanted, make, store
from core.search.vectors import from_stored
from core.settings import EmbeddingSettings
from core.values.body import VersionBody
from tests.core.search.conftest import Desk, a_prompt
from tests.fake_embeddings import vector_of
from tests.fake_provider import FakeProvider, running

LONG = " ".join(f"word{at}" for at in range(300))
ALIVE = {"deleted_at": None}


class Processes:
    """Makes catch-ups as processes of one database would have them, and closes them all."""

    def __init__(self, fake: FakeProvider) -> None:
        self.fake = fake
        self.all: list[CatchUp] = []

    def start(self, state: Embeddings, model: str = "words") -> CatchUp:
        server = EmbeddingSettings(kind="remote", base_url=self.fake.url, model=model)
        catch_up = CatchUp(state, server, retry_seconds=0)
        self.all.append(catch_up)
        return catch_up

    async def catch_up(self, model: str = "words") -> Embeddings:
        """Return the state of a new process after it has done all there is to do."""
        state = Embeddings()
        await self.start(state, model).follow()
        assert state.embedder is not None, state.notice
        assert await missing(state.embedder.name) == 0
        return state


@pytest.fixture
async def processes(fake: FakeProvider) -> AsyncGenerator[Processes]:
    processes = Processes(fake)
    yield processes
    for process in processes.all:
        await process.close()


@pytest.fixture
def fake() -> Generator[FakeProvider]:
    with running() as fake:
        yield fake


async def missing(model: str) -> int:
    return await PromptVersion.collection().count_documents({"embedding_model": {"$ne": model}})


async def chunks(version: PromptVersion) -> list[PromptChunk]:
    query = {"prompt_version_id": version.key, **ALIVE}
    found = await PromptChunk.find(query).to_list()
    return sorted(found, key=lambda chunk: (chunk.kind == "body", chunk.position))


async def only_version(prompt: Prompt) -> PromptVersion:
    found = await PromptVersion.find_one({"prompt_id": prompt.key})
    assert found is not None
    return found


def expected(texts: Sequence[str]) -> Vectors:
    return np.array([vector_of(text) for text in texts], dtype=np.float32) / np.float32(3)


async def check(state: Embeddings, version: PromptVersion) -> None:
    """The chunks in the database are those of the text and the name as they are now."""
    assert state.embedder is not None
    prompt = await Prompt.get(version.prompt_id)
    assert prompt is not None
    pieces = cut(state.embedder, prompt.name, version.content)
    found = await chunks(version)
    assert [(chunk.kind, chunk.position, chunk.span_start, chunk.span_end) for chunk in found] == [
        (piece.kind, piece.position, piece.span_start, piece.span_end) for piece in pieces
    ]
    vectors = np.array([from_stored(chunk.vector) for chunk in found])
    assert np.allclose(vectors, expected([piece.text for piece in pieces]), atol=1e-6)
    assert {chunk.embedding_model for chunk in found} == {state.embedder.name}
    assert {chunk.application_id for chunk in found} == {prompt.application_id}
    mean = vectors[1:].mean(axis=0) if len(vectors) > 1 else vectors[0]
    assert version.embedding is not None
    assert np.allclose(from_stored(version.embedding), mean / np.linalg.norm(mean), atol=1e-6)


async def test_a_saved_version_gets_its_chunks_without_a_new_revision(
    desk: Desk, processes: Processes
) -> None:
    before = await only_version(await a_prompt(desk.operator, "Long one", LONG))

    state = await processes.catch_up()

    after = await only_version_again(before)
    assert len(await chunks(after)) > 3
    await check(state, after)
    assert (after.revision, after.updated_at) == (before.revision, before.updated_at)
    assert (state.status, state.notice, state.done, state.total) == ("ready", "", 1, 1)


async def only_version_again(version: PromptVersion) -> PromptVersion:
    found = await PromptVersion.get(version.key)
    assert found is not None
    return found


async def test_an_edited_draft_is_embedded_anew_and_its_old_chunks_go(
    desk: Desk, processes: Processes
) -> None:
    prompt = await a_prompt(desk.operator, "Draft", LONG)
    await processes.catch_up()

    await update_draft(desk.operator, prompt, "1.0.0", VersionBody(content="Now short."))
    state = await processes.catch_up()

    version = await only_version(prompt)
    assert len(await chunks(version)) == 2
    await check(state, version)


async def test_a_deleted_draft_leaves_tombstones_only(desk: Desk, processes: Processes) -> None:
    prompt = await a_prompt(desk.operator, "Draft", LONG)
    await processes.catch_up()

    await delete_draft(desk.operator, prompt, "1.0.0")
    await processes.catch_up()

    assert await PromptChunk.find(ALIVE).count() == 0
    assert await PromptChunk.find({"deleted_at": {"$ne": None}}).count() > 2
    assert (await only_version(prompt)).embedding is None


async def test_a_renamed_prompt_is_embedded_under_its_new_name(
    desk: Desk, processes: Processes
) -> None:
    prompt = await a_prompt(desk.operator, "Old name", "Say hello.", "Say hello again.")
    state = Embeddings()
    catch_up = processes.start(state)
    await catch_up.follow()

    await update_prompt(desk.operator, prompt, PromptChanges(name="New name"))
    await catch_up.follow()

    for version in await PromptVersion.find({"prompt_id": prompt.key}).to_list():
        await check(state, version)


async def test_old_vectors_serve_until_all_are_made_by_the_new_model(
    desk: Desk, processes: Processes
) -> None:
    for at in range(40):
        await a_prompt(desk.operator, f"Prompt {at}", f"Say {at}.")
    await processes.catch_up("older")
    state = Embeddings()
    old = f"remote/{processes.fake.url.split('/')[2]}/older/16"

    following = asyncio.create_task(processes.start(state, "newer").follow())
    seen: set[str] = set()
    while not following.done():
        if state.embedder is not None:
            seen.add(state.embedder.name)
            alive = await PromptChunk.find({"embedding_model": old, **ALIVE}).count()
            assert alive == 80 or state.embedder.name != old
        await asyncio.sleep(0.001)

    assert state.embedder is not None
    assert state.embedder.name == old.replace("older", "newer")
    assert old in seen
    assert await PromptChunk.find({**ALIVE, "embedding_model": old}).count() == 0
    for version in await PromptVersion.find_all().to_list():
        await check(state, version)


async def test_two_processes_at_once_and_edits_meanwhile_end_with_the_truth(
    desk: Desk, processes: Processes
) -> None:
    drawn = random.Random(7)
    prompts = [
        await a_prompt(desk.operator, f"Prompt {at}", " ".join(LONG.split()[:at]) or "a")
        for at in range(0, 300, 10)
    ]
    states = [Embeddings(), Embeddings()]
    both = [processes.start(state) for state in states]

    async def edit() -> None:
        for turn in range(40):
            prompt = drawn.choice(prompts)
            if turn % 3:
                text = " ".join(drawn.choices(LONG.split(), k=drawn.randrange(1, 300)))
                await update_draft(desk.operator, prompt, "1.0.0", VersionBody(content=text))
            else:
                changes = PromptChanges(name=f"Renamed in turn {turn}")
                await update_prompt(desk.operator, prompt, changes)

    async def follow(process: CatchUp, editing: asyncio.Task[None]) -> None:
        while not editing.done():
            await process.follow()
        await process.follow()

    editing = asyncio.create_task(edit())
    await asyncio.gather(editing, *(follow(process, editing) for process in both))
    await asyncio.gather(*(process.follow() for process in both))

    for version in await PromptVersion.find_all().to_list():
        await check(states[0], version)


async def test_late_vectors_of_a_text_that_is_no_more_do_not_stay(
    desk: Desk, processes: Processes
) -> None:
    prompt = await a_prompt(desk.operator, "Draft", "The first text.")
    state = await processes.catch_up()
    assert state.embedder is not None
    row = await PromptVersion.collection().find_one({"prompt_id": prompt.key})
    assert row is not None
    late = await make(state.embedder, [Wanted.read(row, prompt.model_dump())])
    await update_draft(desk.operator, prompt, "1.0.0", VersionBody(content="The second text."))
    await processes.catch_up()

    await store(late, state.embedder.name)
    await processes.catch_up()

    await check(state, await only_version(prompt))


async def test_a_server_that_comes_back_is_used_again(desk: Desk, processes: Processes) -> None:
    await a_prompt(desk.operator, "Greeting", "Say hello.")
    state = Embeddings()
    catch_up = processes.start(state)
    processes.fake.embedding_failures = 3

    await catch_up.follow()
    assert state.status == "failed"
    assert "is overloaded or fails" in state.notice
    await catch_up.follow()

    assert (state.status, state.notice) == ("ready", "")


async def test_a_text_the_server_refuses_does_not_hold_up_the_others(
    desk: Desk, processes: Processes
) -> None:
    refused = await a_prompt(desk.operator, "Refused", "An UNSPEAKABLE word.")
    others = [await a_prompt(desk.operator, f"Prompt {at}", f"Say {at}.") for at in range(3)]

    state = await processes.catch_up()

    assert (await only_version(refused)).embedding is None
    for prompt in others:
        await check(state, await only_version(prompt))


async def test_a_missing_part_is_said_once_and_not_asked_for_again(database: object) -> None:
    state = Embeddings()
    catch_up = CatchUp(state, EmbeddingSettings(kind="sentence-transformers"))

    await catch_up.follow()
    await catch_up.follow()

    assert (database is not None, state.status, state.embedder) == (True, "failed", None)
    assert "PROMPTHUB_EMBEDDINGS__MODEL" in state.notice


def test_what_is_switched_off_says_how_to_switch_it_on() -> None:
    state = Embeddings()

    CatchUp(state, EmbeddingSettings(kind="off"))

    assert state.notice == (
        "Semantic search is off. Set PROMPTHUB_EMBEDDINGS__KIND=onnx to switch it on."
    )


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    "query", [{"embedding_model": None}, {"embedding_model": {"$nin": [None, "words"]}}]
)
async def test_looking_for_what_waits_reads_an_index(query: dict[str, Any]) -> None:
    plan: dict[str, Any] = await PromptVersion.collection().find(query).explain()

    assert "IXSCAN" in str(plan["queryPlanner"]["winningPlan"])
