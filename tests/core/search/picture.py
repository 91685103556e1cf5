"""What an index knows, in a form that two of them can be compared by."""

from collections import defaultdict
from typing import Any

import numpy as np

from core.search.snapshot import Snapshot

Picture = dict[str, list[Any]]


def picture_of(now: Snapshot) -> Picture:
    """Return for each living version all that a query could see of it."""
    words, vectors = _words(now), _vectors(now)
    picture: Picture = {}
    for slot in map(int, np.flatnonzero(now.slot_is_alive)):
        version, prompt = now.versions[slot], now.prompts[int(now.slot_prompt[slot])]
        picture[str(version.key)] = [
            version.number,
            version.digest.hex(),
            bool(now.slot_is_default[slot]),
            float(now.slot_length[slot]),
            prompt.name,
            prompt.folder,
            sorted(prompt.tags),
            sorted(prompt.labels),
            prompt.is_active,
            prompt.current_version,
            str(prompt.application_id),
            int(now.slot_application[slot]) == now.applications[prompt.application_id],
            words[slot],
            vectors[slot],
        ]
    return picture


def _words(now: Snapshot) -> dict[int, list[tuple[str, float]]]:
    names = {now.vocabulary.find(term): term for term in now.vocabulary}
    words: defaultdict[int, list[tuple[str, float]]] = defaultdict(list)
    for segment in now.segments:
        terms = np.repeat(segment.terms, np.diff(segment.starts))
        for term, text, count in zip(terms, segment.texts, segment.counts, strict=True):
            slot = int(now.text_slot[text])
            if slot >= 0:
                words[slot].append((names[int(term)], float(count)))
    return defaultdict(list, {slot: sorted(found) for slot, found in words.items()})


def _vectors(now: Snapshot) -> dict[int, list[Any]]:
    rows: defaultdict[int, list[Any]] = defaultdict(list)
    for row in map(int, np.flatnonzero(now.row_slot >= 0)):
        place = [bool(now.row_is_title[row]), int(now.row_start[row]), int(now.row_end[row])]
        rows[int(now.row_slot[row])].append([*place, now.vectors[row].tobytes().hex()])
    return defaultdict(list, {slot: sorted(found) for slot, found in rows.items()})
