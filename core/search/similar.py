"""Own near-duplicates: the versions whose text is the same as another, or nearly."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from bson import ObjectId

from core.documents import Prompt, PromptVersion
from core.embeddings.base import Embedder, Vectors, cut, mean_of
from core.search.bm25 import score_words, terms_asked
from core.search.engine import SearchEngine
from core.search.facts import searched_text
from core.search.masking import digest_of, overlap_of, shingles_of
from core.search.nearness import cosines_to
from core.search.postings import Floats
from core.search.rank import Filters, visible_slots
from core.search.snapshot import Snapshot
from core.search.words import terms_of
from core.values.body import VersionBody
from core.values.scope import Scope
from prompthub.wire.literals import Likeness

# The same: nearly all of the meaning and at least half of the words in order, or nearly all of the
# words in order. The openings of two texts may be equal and their purpose another, which the mean
# over all pieces tells. Source: 38 pairs, benchmarks/search.md; the eight bits of the shipped model
# move a cosine by up to .02, so that .945 stands for .95.
SAME_COSINE: Final = 0.945
SAME_OVERLAP: Final = 0.5
NEARLY_ALL_WORDS: Final = 0.85
SIMILAR_COSINE: Final = 0.85
# Without vectors words alone decide: then more of them.
SAME_WORDS: Final = 0.8
SIMILAR_WORDS: Final = 0.5
# Texts read for a closer look, found by meaning and by words each.
CANDIDATES: Final = 20


class Neighbour(NamedTuple):
    """A version of another prompt that says the same, or nearly (`prompt` without `search_text`).

    `cosine` is how near the meanings are (None where no vectors are), `overlap` the share of runs
    of three words that both texts hold.
    """

    prompt: Prompt
    version: str
    kind: Likeness
    cosine: float | None
    overlap: float
    content: str
    system_prompt: str


class Draft(NamedTuple):
    """The text that neighbours are looked for, with its vector where there is one."""

    text: str
    vector: Vectors | None


def kind_of(cosine: float | None, overlap: float, *, is_equal: bool) -> Likeness | None:
    """Return how much alike two texts are; `is_equal` says that only their variables differ."""
    if is_equal:
        return "same"
    if cosine is None:
        return "same" if overlap >= SAME_WORDS else "similar" if overlap >= SIMILAR_WORDS else None
    if cosine < SIMILAR_COSINE:
        return None
    least = SAME_OVERLAP if cosine >= SAME_COSINE else NEARLY_ALL_WORDS
    return "same" if overlap >= least else "similar"


async def find_similar(
    scope: Scope,
    application_id: ObjectId | None,
    body: VersionBody | PromptVersion,
    *,
    title: str = "",
    exclude: ObjectId | None = None,
    engine: SearchEngine,
    by_meaning: bool = True,
    limit: int = 10,
) -> list[Neighbour]:
    """Return the active prompts whose current text is the same as the body's, or similar.

    `title` is the name of the prompt that the body is for, `exclude` its key. The same come first,
    then by nearness. Without an embedder, or not `by_meaning`, words alone are compared.

    Raises:
        NotFound: the application is not the caller's.
        NotAllowed: an application asks with its key.
    """
    filters = make_filters(scope, application_id)
    text = f"{body.content}\n{body.system_prompt}" if body.system_prompt else body.content
    now = await engine.fresh()
    vector = await _mean_vector(engine, now, title, text) if by_meaning else None
    draft = Draft(text, vector)
    near = await asyncio.to_thread(_candidates, now, filters, draft, exclude)
    return (await _neighbours(scope, draft, near))[:limit]


def make_filters(scope: Scope, application_id: ObjectId | None) -> Filters:
    """Return what is compared: active prompts that the caller sees.

    Raises:
        NotFound: the application is not the caller's.
        NotAllowed: an application asks with its key.
    """
    scope.refuse_application()
    if application_id is not None:
        scope.require("viewer", application_id, kind="application", key=str(application_id))
    return Filters(scope=scope, application_id=application_id)


async def _mean_vector(
    engine: SearchEngine, now: Snapshot, title: str, text: str
) -> Vectors | None:
    embedder = engine.embeddings.embedder
    if embedder is None or embedder.name != now.model or not text.strip():
        return None
    texts = await asyncio.to_thread(_body_pieces, embedder, title, text)
    vectors = await engine.encode(texts)
    return None if vectors is None else mean_of(vectors)


def _body_pieces(embedder: Embedder, title: str, text: str) -> list[str]:
    return [piece.text for piece in cut(embedder, title, text) if piece.kind == "body"]


def _candidates(
    now: Snapshot, filters: Filters, draft: Draft, exclude: ObjectId | None
) -> dict[ObjectId, float | None]:
    """Return the versions to look at closely, each with its cosine; it computes."""
    chosen = visible_slots(now, filters).copy()
    for slot in np.flatnonzero(chosen):
        prompt = now.prompts[int(now.slot_prompt[slot])]
        chosen[slot] = prompt.key != exclude and filters.admit(prompt)
    words = score_words(now, terms_asked(now, terms_of(draft.text)), chosen).share
    slots = set(_greatest(words, 0.0))
    near: Floats | None = None
    if draft.vector is not None:
        near = cosines_to(now, draft.vector, chosen)
        slots |= set(_greatest(near, SIMILAR_COSINE))
    digest = digest_of(draft.text)
    slots |= {slot for slot in map(int, np.flatnonzero(chosen)) if _is(now, slot, digest)}
    return {now.versions[slot].key: _cosine(near, slot) for slot in slots}


def _is(now: Snapshot, slot: int, digest: bytes) -> bool:
    return bool(digest) and now.versions[slot].digest == digest


def _greatest(scores: Floats, above: float) -> list[int]:
    best = np.argsort(-scores, kind="stable")[:CANDIDATES]
    return [int(slot) for slot in best if scores[slot] > above]


def _cosine(near: Floats | None, slot: int) -> float | None:
    """Return the cosine of a version, None when there is none: unit vectors are never at 0."""
    return None if near is None or not near[slot] else float(near[slot])


async def _neighbours(
    scope: Scope, draft: Draft, near: Mapping[ObjectId, float | None]
) -> list[Neighbour]:
    prompts, versions = await read_texts(scope, near)
    found = await asyncio.to_thread(_compare, draft, near, prompts, versions)
    return sorted(found, key=lambda one: (one.kind != "same", -(one.cosine or one.overlap)))


async def read_texts(
    scope: Scope, keys: Collection[ObjectId]
) -> tuple[dict[ObjectId, Prompt], list[dict[str, Any]]]:
    """Return versions as they are stored now, and their prompts, as far as the caller sees them."""
    fields = {"prompt_id": 1, "version": 1, "content": 1, "system_prompt": 1}
    alive = {"_id": {"$in": list(keys)}, "deleted_at": None}
    versions = await PromptVersion.collection().find(alive, fields).to_list()
    owners = {"_id": {"$in": [row["prompt_id"] for row in versions]}, "is_active": True}
    found = Prompt.collection().find({**owners, **scope.visible()}, {"search_text": 0})
    prompts = {row["_id"]: Prompt.model_validate(row) async for row in found}
    return prompts, [row for row in versions if row["prompt_id"] in prompts]


def _compare(
    draft: Draft,
    near: Mapping[ObjectId, float | None],
    prompts: Mapping[ObjectId, Prompt],
    versions: Collection[Mapping[str, Any]],
) -> list[Neighbour]:
    shingles, digest = shingles_of(draft.text), digest_of(draft.text)
    found: list[Neighbour] = []
    for row in versions:
        text = searched_text(row)
        overlap = overlap_of(shingles, shingles_of(text))
        is_equal = bool(digest) and digest_of(text) == digest
        kind = kind_of(near[row["_id"]], overlap, is_equal=is_equal)
        if kind is not None:
            prompt = prompts[row["prompt_id"]]
            found.append(as_neighbour(prompt, row, kind, near[row["_id"]], overlap))
    return found


def as_neighbour(
    prompt: Prompt, row: Mapping[str, Any], kind: Likeness, cosine: float | None, overlap: float
) -> Neighbour:
    """Return a neighbour from a stored version."""
    return Neighbour(
        prompt=prompt,
        version=row["version"],
        kind=kind,
        cosine=cosine,
        overlap=overlap,
        content=row["content"],
        system_prompt=row.get("system_prompt", ""),
    )
