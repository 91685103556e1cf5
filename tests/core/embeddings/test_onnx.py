"""The shipped model: as the original, whatever it is asked together with, and light."""

import asyncio
import base64
import hashlib
import json
import subprocess
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import numpy as np
import pytest

from core.embeddings.base import MAX_PIECES, Vectors, cut
from core.embeddings.onnx import DIMENSIONS, FOLDER, MAX_TOKENS, OnnxEmbedder

# What scripts/export_embedder.py prints.
SHA256 = {
    "model.onnx": "72e3cb77437b8cc23c5fc39c06b185b84c6141078b77ffd8145f3ce4f35fb285",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
# Made by sentence-transformers in 32 bits: scripts/embed_references.py.
ROWS = [
    json.loads(line)
    for line in Path(__file__).with_name("references.jsonl").read_text().splitlines()
]
TEXTS: list[str] = [row["text"] for row in ROWS]
REFERENCES: Vectors = np.array(
    [np.frombuffer(base64.b64decode(row["vector"]), dtype="<f4") for row in ROWS]
)


@pytest.fixture
async def embedder() -> AsyncGenerator[OnnxEmbedder]:
    embedder = await OnnxEmbedder.load()
    yield embedder
    await embedder.close()


@pytest.mark.parametrize("name", SHA256)
def test_the_shipped_files_are_those_that_the_script_makes(name: str) -> None:
    assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == SHA256[name]


async def test_its_vectors_are_close_to_those_of_the_original(embedder: OnnxEmbedder) -> None:
    vectors = await embedder.encode(TEXTS)

    cosines = (vectors * REFERENCES).sum(axis=1)
    assert cosines.min() >= 0.97
    assert cosines.mean() >= 0.985
    # Who is near to whom hardly changes.
    nearness = np.abs(vectors @ vectors.T - REFERENCES @ REFERENCES.T)
    assert nearness.max() <= 0.08


async def test_a_text_has_the_same_vector_alone_and_among_others(embedder: OnnxEmbedder) -> None:
    together = await embedder.encode(TEXTS)
    alone = np.vstack([await embedder.encode([text]) for text in reversed(TEXTS)])[::-1]

    assert np.array_equal(together, alone)


async def test_queries_and_bulk_at_once_get_what_they_get_alone(embedder: OnnxEmbedder) -> None:
    alone = await embedder.encode(TEXTS[:8])

    many = await asyncio.gather(
        embedder.encode(TEXTS[:8], is_patient=True), *(embedder.encode([t]) for t in TEXTS[:8])
    )

    assert np.array_equal(many[0], alone)
    assert np.array_equal(np.vstack(many[1:]), alone)


async def test_vectors_have_length_one_whatever_the_text(embedder: OnnxEmbedder) -> None:
    texts = ["", " ", "\x00\x01", "\ud800 half a pair", "🎉" * 600, "x" * 5000, "word " * 5000]

    vectors = await embedder.encode(texts)

    assert vectors.shape == (len(texts), DIMENSIONS)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert (await embedder.encode([])).shape == (0, DIMENSIONS)


async def test_what_is_beyond_the_model_is_cut(embedder: OnnxEmbedder) -> None:
    long, longer = "word " * (MAX_TOKENS - 2), "word " * 1000

    vectors = await embedder.encode([long, longer])

    assert np.array_equal(vectors[0], vectors[1])


async def test_a_piece_with_its_title_fits_the_model(embedder: OnnxEmbedder) -> None:
    text = " ".join(TEXTS) * 4

    pieces = await asyncio.to_thread(cut, embedder, "An unusually verbose title " * 20, text)

    sizes = [len(embedder.find_tokens(piece.text)) for piece in pieces]
    assert max(sizes) <= MAX_TOKENS
    assert 10 < len(pieces) <= MAX_PIECES + 1


async def test_tokens_are_found_where_they_stand(embedder: OnnxEmbedder) -> None:
    text = "Ünïcode, \ud800 and 🎉 emoji"

    spans = embedder.find_tokens(text)

    assert "".join(text[start:end] for start, end in spans) == text.replace(" ", "")


def test_nothing_of_it_is_loaded_before_it_is_needed() -> None:
    code = (
        "import sys, core.api.app, core.runtime, core.worker, core.admin;"
        "heavy = {'onnxruntime', 'tokenizers', 'sentence_transformers', 'torch', 'transformers'};"
        "print(sorted(heavy & set(sys.modules)))"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )

    assert (loaded.stdout, loaded.stderr) == ("[]\n", "")
