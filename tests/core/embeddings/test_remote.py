"""An OpenAI-compatible server for embeddings: over HTTP on loopback, with each of its faults."""

import time
from collections.abc import Generator

import numpy as np
import pytest
from pydantic import SecretStr

from core.embeddings.loading import load, load_former
from core.embeddings.remote import BATCH, RemoteEmbedder
from core.errors import Invalid, NotConfigured, Unavailable
from core.settings import EmbeddingSettings
from tests.fake_embeddings import DIMENSIONS, RAW_ANSWERS, vector_of
from tests.fake_provider import FakeProvider, running


@pytest.fixture
def fake() -> Generator[FakeProvider]:
    with running() as fake:
        yield fake


def settings(fake: FakeProvider, model: str = "words", **fields: object) -> EmbeddingSettings:
    return EmbeddingSettings.model_validate(
        {"kind": "remote", "base_url": fake.url, "model": model, **fields}
    )


async def test_vectors_come_in_the_order_of_the_texts_with_length_one(fake: FakeProvider) -> None:
    texts = [f"text number {at}" for at in range(BATCH * 2 + 1)]

    embedder = await RemoteEmbedder.load(settings(fake))
    vectors = await embedder.encode(texts)

    expected = np.array([vector_of(text) for text in texts])
    assert np.allclose(vectors, expected / 3, atol=1e-6)
    assert vectors.dtype == np.float32
    assert [len(seen.body["input"]) for seen in fake.requests] == [1, BATCH, BATCH, 1]
    assert (await embedder.encode([])).shape == (0, DIMENSIONS)
    await embedder.close()


async def test_the_name_tells_server_model_and_dimensions(fake: FakeProvider) -> None:
    embedder = await RemoteEmbedder.load(settings(fake, "org/words", dimensions=8))

    host = fake.url.removeprefix("http://").removesuffix("/v1")
    assert embedder.name == f"remote/{host}/org/words/8"
    assert fake.requests[0].body["dimensions"] == 8
    await embedder.close()


async def test_the_key_is_sent_and_nothing_is_where_there_is_none(fake: FakeProvider) -> None:
    for key in (SecretStr("sk-embeddings"), None):
        await (await RemoteEmbedder.load(settings(fake, api_key=key))).close()

    assert fake.requests[0].headers["authorization"] == "Bearer sk-embeddings"
    assert "authorization" not in fake.requests[1].headers


async def test_a_failure_that_passes_is_tried_again(fake: FakeProvider) -> None:
    embedder = await RemoteEmbedder.load(settings(fake, "fault-500-once"))

    assert embedder.dimensions == DIMENSIONS
    assert len(fake.requests) == 2
    await embedder.close()


@pytest.mark.parametrize("model", [*RAW_ANSWERS, "fault-redirect", "fault-404"])
async def test_an_answer_without_good_vectors_is_refused_in_our_words(
    fake: FakeProvider, model: str
) -> None:
    with pytest.raises(Unavailable) as caught:
        await RemoteEmbedder.load(settings(fake, model))

    assert "The server for embeddings" in caught.value.message
    assert "PROMPTHUB_EMBEDDINGS__" in caught.value.remedy
    assert all(seen.path == "/v1/embeddings" for seen in fake.requests)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("fault-401", "does not accept the key"),
        ("fault-429", "is overloaded or fails"),
        ("fault-500", "is overloaded or fails"),
    ],
)
async def test_a_refusal_says_what_to_do(fake: FakeProvider, model: str, words: str) -> None:
    with pytest.raises(Unavailable) as caught:
        await RemoteEmbedder.load(settings(fake, model))

    assert words in caught.value.message
    assert "RAW-TEXT" not in caught.value.message


async def test_a_server_that_is_slow_is_given_up_at_the_deadline(fake: FakeProvider) -> None:
    started = time.monotonic()

    with pytest.raises(Unavailable, match="in time"):
        await RemoteEmbedder.load(settings(fake, "fault-slow", deadline_seconds=0.2))

    assert time.monotonic() - started < 4  # it sleeps 5 s


async def test_a_server_that_is_away_is_unavailable() -> None:
    away = EmbeddingSettings(kind="remote", base_url="http://127.0.0.1:9/v1", model="words")

    with pytest.raises(Unavailable, match="cannot be reached"):
        await load(away)


async def test_vectors_of_another_length_are_refused(fake: FakeProvider) -> None:
    embedder = await RemoteEmbedder.load(settings(fake, "fault-shrinks"))

    with pytest.raises(Unavailable, match="15 dimensions instead of 16"):
        await embedder.encode(["again"])
    await embedder.close()


async def test_a_text_that_is_refused_is_the_texts_fault(fake: FakeProvider) -> None:
    embedder = await RemoteEmbedder.load(settings(fake))

    with pytest.raises(Invalid):
        await embedder.encode(["an UNSPEAKABLE word"])
    await embedder.close()


@pytest.mark.parametrize(
    ("fields", "setting"),
    [
        ({"base_url": ""}, "BASE_URL"),
        ({"base_url": "ftp://127.0.0.1/v1"}, "BASE_URL"),
        ({"base_url": "http://user:key@127.0.0.1/v1"}, "BASE_URL"),
        ({"base_url": "http://127.0.0.1/v1\n"}, "BASE_URL"),
        ({"base_url": "http://127.0.0.1/v1", "model": ""}, "MODEL"),
    ],
)
async def test_settings_that_cannot_be_used_are_named(fields: dict[str, str], setting: str) -> None:
    wrong = EmbeddingSettings.model_validate({"kind": "remote", "model": "words", **fields})

    with pytest.raises(NotConfigured) as caught:
        await load(wrong)

    assert caught.value.setting == f"PROMPTHUB_EMBEDDINGS__{setting}"


async def test_the_model_before_is_found_at_the_same_server_only(fake: FakeProvider) -> None:
    before = await RemoteEmbedder.load(settings(fake, "org/older"))
    name = before.name
    await before.close()

    found = await load_former(settings(fake, "newer"), name)
    elsewhere = await load_former(settings(fake, "newer"), name.replace("127.0.0.1", "127.0.0.2"))

    assert found is not None
    assert found.name == name
    assert elsewhere is None
    await found.close()
