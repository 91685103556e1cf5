"""The bars of search on 1,040 real prompts: by words alone, and with the shipped model."""

import asyncio
from collections.abc import Iterable
from functools import partial

import pytest

from benchmarks.search.corpus_files import build_index, read_pairs, read_records
from benchmarks.search.measures import SETS, Quality, judge, mean_of, read_queries
from core.embeddings.base import Vectors
from core.embeddings.onnx import NAME, OnnxEmbedder
from core.search.masking import overlap_of, shingles_of
from core.search.nearness import means_of
from core.search.rank import Filters, rank, score_meaning
from core.search.similar import kind_of
from core.search.snapshot import Snapshot
from core.search.words import understood_share
from core.values.scope import SYSTEM

NONSENSE = ("qwxz zzkp", "asdfghjkl", "xkcd qqq wrvb", "blorptangle", "qwertyuiop", "?!?")
# No text holds the word, but the model knows what it means.
UNSAID = ("wedding",)
# No text holds one of these words, with the prompt that is meant.
SLIPS = {
    "sumarize meetng": "summarize meeting",
    "jobb intervew": "Job Interviewer",
    "resumee": "Act as a Resume Reviewer",
}


@pytest.fixture(scope="module")
def library() -> Snapshot:
    return build_index(with_vectors=True).snapshot


def measure(library: Snapshot, name: str, vectors: Vectors | None) -> Quality:
    found: list[Quality] = []
    for number, query in enumerate(read_queries(name)):
        near = None if vectors is None else partial(score_meaning, library, vectors[number])
        ranked = rank(library, Filters(SYSTEM), query.text, 10, near)
        found.append(judge([one.prompt.prompt_id for one in ranked], query.relevant))
    return mean_of(found)


def test_words_alone_keep_their_bars(library: Snapshot) -> None:
    by_set = {name: measure(library, name, None) for name in SETS}

    assert by_set["dev"].ndcg >= 0.32
    assert by_set["names"].ndcg >= 0.98
    assert by_set["keywords"].ndcg >= 0.90


def test_meaning_and_words_keep_their_bars(library: Snapshot) -> None:
    by_set = asyncio.run(with_the_shipped_model(library))

    assert library.model == NAME
    assert by_set["dev"].ndcg >= 0.65
    assert by_set["dev"].recall >= 0.66
    assert by_set["names"].ndcg >= 0.98
    assert by_set["keywords"].ndcg >= 0.74


def test_nonsense_finds_nothing_and_what_no_text_says_is_still_found(library: Snapshot) -> None:
    found = asyncio.run(with_the_model_for_texts(library, (*NONSENSE, *SLIPS, *UNSAID)))

    assert {text: found[text] for text in NONSENSE} == dict.fromkeys(NONSENSE, ())
    assert {text: found[text][0] for text in SLIPS} == SLIPS
    assert all(found[text] for text in UNSAID)


async def with_the_model_for_texts(
    library: Snapshot, texts: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    embedder = await OnnxEmbedder.load()
    found: dict[str, tuple[str, ...]] = {}
    for text in texts:
        near = partial(score_meaning, library, (await embedder.encode([text]))[0])
        understood = understood_share(text, embedder.find_tokens)
        ranked = rank(library, Filters(SYSTEM), text, 10, near, understood=understood)
        found[text] = tuple(one.prompt.name for one in ranked)
    await embedder.close()
    return found


async def with_the_shipped_model(library: Snapshot) -> dict[str, Quality]:
    embedder = await OnnxEmbedder.load()
    found: dict[str, Quality] = {}
    for name in SETS:
        vectors = await embedder.encode([query.text for query in read_queries(name)])
        found[name] = measure(library, name, vectors)
    await embedder.close()
    return found


def test_pairs_are_told_apart_by_the_whole_text(library: Snapshot) -> None:
    means = means_of(library, library.slot_is_default)
    at = {library.prompts[int(library.slot_prompt[slot])].prompt_id: row
          for row, slot in enumerate(means.slots)}  # fmt: skip
    runs = {record.key: shingles_of(record.body.content) for record in read_records()}
    same, other = 0, 0

    for pair in read_pairs():
        overlap = overlap_of(runs[pair.one], runs[pair.other])
        cosine = float(means.vectors[at[pair.one]] @ means.vectors[at[pair.other]])
        kind = kind_of(cosine, overlap, is_equal=False)
        if pair.cosine >= 0.95 and pair.overlap >= 0.5:
            assert kind == "same", pair
            same += 1
        if pair.overlap < 0.5:
            assert kind != "same", pair
            other += 1

    assert (same, other) == (11, 19)
