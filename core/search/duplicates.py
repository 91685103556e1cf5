"""Own the duplicates of a whole library: clusters of prompts that say the same, or nearly."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from bson import ObjectId

from core.documents import Prompt
from core.search.engine import SearchEngine
from core.search.facts import searched_text
from core.search.masking import overlap_of, shingles_of
from core.search.nearness import means_of, pairs_from
from core.search.rank import Filters, admitted_slots, visible_slots
from core.search.similar import (
    SIMILAR_COSINE,
    Neighbour,
    as_neighbour,
    kind_of,
    make_filters,
    read_texts,
)
from core.search.snapshot import Snapshot
from core.values.scope import Scope
from prompthub.wire.literals import Likeness

# More pairs than anybody goes through; the nearest are looked at.
MAX_PAIRS: Final = 2000
# Each with each: 20,000 take some seconds, and the newest count most.
MAX_COMPARED: Final = 20_000
BY_WORDS_ONLY: Final = (
    "Texts are compared word by word only: similar ones are found when semantic search is ready."
)

Link = tuple[ObjectId, ObjectId]
Roots = dict[ObjectId, ObjectId]


class Cluster(NamedTuple):
    """Prompts that say the same, or similar things; the first one is the oldest.

    `cosine` and `overlap` of a member compare it with the first.
    """

    kind: Likeness
    members: list[Neighbour]


class Duplicates(NamedTuple):
    """Clusters, those of the same text first; `notice` says what could not be compared.

    Of prompts that say the same, only the oldest stands in a cluster of similar ones.
    """

    clusters: list[Cluster]
    notice: str


class Texts(NamedTuple):
    """What is compared: prompts and versions by their keys, and how near some versions are."""

    prompts: Mapping[ObjectId, Prompt]
    versions: Mapping[ObjectId, Mapping[str, Any]]
    cosines: Mapping[frozenset[ObjectId], float]
    digests: Mapping[ObjectId, bytes]


async def list_duplicates(
    scope: Scope, application_id: ObjectId | None = None, *, engine: SearchEngine
) -> Duplicates:
    """Return the clusters among the active prompts that the caller sees, by their current text.

    Raises:
        NotFound: the application is not the caller's.
        NotAllowed: an application asks with its key.
    """
    filters = make_filters(scope, application_id)
    now = await engine.fresh()
    cosines, digests = await asyncio.to_thread(_near_pairs, now, filters)
    prompts, rows = await read_texts(scope, {key for pair in cosines for key in pair})
    texts = Texts(prompts, {row["_id"]: row for row in rows}, cosines, digests)
    clusters = await asyncio.to_thread(_clusters, texts)
    return Duplicates(clusters, "" if now.model and len(now.row_slot) else BY_WORDS_ONLY)


def _near_pairs(
    now: Snapshot, filters: Filters
) -> tuple[dict[frozenset[ObjectId], float], dict[ObjectId, bytes]]:
    """Return the pairs worth a closer look with their cosines (0 without), and the digests."""
    chosen = admitted_slots(now, filters, visible_slots(now, filters))
    older = np.flatnonzero(chosen)[:-MAX_COMPARED]
    chosen[older] = False
    pairs = sorted(pairs_from(means_of(now, chosen), SIMILAR_COSINE), key=lambda one: -one.cosine)
    keys = now.versions
    cosines = {
        frozenset((keys[pair.one].key, keys[pair.other].key)): pair.cosine
        for pair in pairs[:MAX_PAIRS]
    }
    by_digest: defaultdict[bytes, list[ObjectId]] = defaultdict(list)
    for slot in map(int, np.flatnonzero(chosen)):
        by_digest[keys[slot].digest].append(keys[slot].key)
    alike = {digest: found for digest, found in by_digest.items() if digest and len(found) > 1}
    for first, *others in alike.values():
        for other in others[:MAX_PAIRS]:
            cosines.setdefault(frozenset((first, other)), 0.0)
    return cosines, {key: digest for digest, found in alike.items() for key in found}


def _clusters(texts: Texts) -> list[Cluster]:
    """Return the clusters of the same text, then those of similar texts; it computes."""
    links: dict[Likeness, list[Link]] = {"same": [], "similar": []}
    for pair in texts.cosines:
        one, other = sorted(pair)
        if one in texts.versions and other in texts.versions:
            kind, _ = _likeness(texts, one, other)
            if kind is not None:
                links[kind].append((one, other))
    same = _joined(links["same"])
    oldest = {key: group[0] for group in same for key in group}
    similar = _joined(
        (oldest.get(one, one), oldest.get(other, other)) for one, other in links["similar"]
    )
    return [
        *(_cluster(texts, "same", group) for group in same),
        *(_cluster(texts, "similar", group) for group in similar),
    ]


def _likeness(texts: Texts, one: ObjectId, other: ObjectId) -> tuple[Likeness | None, float]:
    overlap = overlap_of(*(shingles_of(searched_text(texts.versions[key])) for key in (one, other)))
    digest = texts.digests.get(one)
    is_equal = digest is not None and digest == texts.digests.get(other)
    cosine = texts.cosines.get(frozenset((one, other)))
    return kind_of(cosine or 0.0, overlap, is_equal=is_equal), overlap


def _joined(links: Iterable[Link]) -> list[list[ObjectId]]:
    """Return the groups that links join (union-find), each with its oldest first."""
    roots: Roots = {}
    for one, other in links:
        roots.setdefault(one, one)
        roots.setdefault(other, other)
        first, second = sorted((_root(roots, one), _root(roots, other)))
        roots[second] = first
    groups: defaultdict[ObjectId, list[ObjectId]] = defaultdict(list)
    for key in sorted(roots):
        groups[_root(roots, key)].append(key)
    return [group for group in groups.values() if len(group) > 1]


def _root(roots: Roots, key: ObjectId) -> ObjectId:
    while roots[key] != key:
        roots[key] = key = roots[roots[key]]
    return key


def _cluster(texts: Texts, kind: Likeness, keys: list[ObjectId]) -> Cluster:
    first = keys[0]
    members: list[Neighbour] = []
    for key in keys:
        _, overlap = _likeness(texts, first, key)
        row = texts.versions[key]
        cosine = 1.0 if key == first else texts.cosines.get(frozenset((first, key)))
        prompt = texts.prompts[row["prompt_id"]]
        members.append(as_neighbour(prompt, row, kind, cosine or None, overlap))
    return Cluster(kind, members)
