"""Own the index of one process: it takes changes in and hands out a new snapshot at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
from bson import ObjectId

from core.embeddings.base import Vectors
from core.search.facts import Chunk, PromptFacts, Stamp, VersionFacts, VersionText
from core.search.postings import Ints, make_segment, with_segment
from core.search.snapshot import DEAD, Snapshot
from core.search.vectors import from_stored

# Room for more vectors, so that not every change copies all of them.
HEADROOM: Final = 1.125
# Dead texts and vectors beyond this share are worth building all anew.
MAX_DEAD_SHARE: Final = 0.4
FEW: Final = 2000

Key = TypeVar("Key")
Number = TypeVar("Number", np.int32, np.float32, np.bool_)


class Index:
    """Prompts, versions, their words and vectors.

    `take` methods are for one writer at a time and may run in a thread. What a reader holds stays
    as it is: arrays are replaced, and vectors are only added behind those that it knows.
    """

    def __init__(self, model: str | None = None) -> None:
        self.snapshot = Snapshot(model=model)
        self.prompt_stamps: dict[ObjectId, Stamp] = {}
        self.version_stamps: dict[ObjectId, Stamp] = {}
        self.chunk_stamps: dict[ObjectId, Stamp] = {}
        self._prompt_rows: dict[ObjectId, int] = {}
        self._applications: dict[ObjectId, int] = {}
        self._slots: dict[ObjectId, int] = {}
        self._slots_of: defaultdict[int, list[int]] = defaultdict(list)
        self._texts: dict[int, int] = {}
        self._rows: dict[ObjectId, int] = {}
        self._buffer: Vectors = np.zeros((0, 0), np.float32)

    def find_prompt(self, key: ObjectId) -> PromptFacts | None:
        """Return what is known of a prompt."""
        row = self._prompt_rows.get(key)
        return None if row is None else self.snapshot.prompts[row]

    def versions_of(self, key: ObjectId) -> list[ObjectId]:
        """Return the living versions of a prompt."""
        now = self.snapshot
        slots = self._slots_of.get(self._prompt_rows.get(key, DEAD), [])
        return [now.versions[slot].key for slot in slots if now.slot_is_alive[slot]]

    def take_prompts(self, prompts: Sequence[PromptFacts]) -> None:
        """Add prompts or put them in the place of what was known of them."""
        if not prompts:
            return
        now, known = self.snapshot, list(self.snapshot.prompts)
        for prompt in prompts:
            self.prompt_stamps[prompt.key] = prompt.stamp
            row = self._prompt_rows.setdefault(prompt.key, len(known))
            self._applications.setdefault(prompt.application_id, len(self._applications))
            if row == len(known):
                known.append(prompt)
            else:
                known[row] = prompt
        applications = _grown(now.prompt_application, len(known))
        active = _grown(now.prompt_is_active, len(known))
        published = _grown(now.prompt_is_published, len(known))
        for prompt in prompts:
            row = self._prompt_rows[prompt.key]
            applications[row] = self._applications[prompt.application_id]
            active[row] = prompt.is_active
            published[row] = prompt.current_version is not None
        self.snapshot = replace(
            now,
            prompts=tuple(known),
            prompt_application=applications,
            prompt_is_active=active,
            prompt_is_published=published,
            applications=dict(self._applications),
        )
        self._choose_defaults({self._prompt_rows[prompt.key] for prompt in prompts})

    def drop_prompts(self, keys: Iterable[ObjectId]) -> None:
        """Forget prompts that have gone without a trace; their versions go as well."""
        for key in keys:
            del self.prompt_stamps[key]
            self.drop_versions(self.versions_of(key))

    def take_versions(self, versions: Sequence[VersionText]) -> None:
        """Add versions or put them in the place of what was known; their prompts are known."""
        if not versions:
            return
        now = self.snapshot
        facts, first_text = list(now.versions), len(now.text_slot)
        slots = [self._slot_of(version.facts, facts) for version in versions]
        lengths = _grown(now.slot_length, len(facts))
        prompts = _grown(now.slot_prompt, len(facts))
        alive = _grown(now.slot_is_alive, len(facts))
        texts = _grown(now.text_slot, first_text + len(versions))
        for number, (slot, version) in enumerate(zip(slots, versions, strict=True), first_text):
            _kill(texts, self._texts, slot)
            self._texts[slot], texts[number] = number, slot
            lengths[slot] = version.terms.total()
            prompts[slot] = self._prompt_rows[version.facts.prompt_key]
            alive[slot] = True
        numbered = ((first_text + at, version.terms) for at, version in enumerate(versions))
        segment = make_segment(now.vocabulary, numbered)
        self.snapshot = replace(
            now,
            versions=tuple(facts),
            slots=self._slots,
            slot_prompt=prompts,
            slot_is_alive=alive,
            slot_is_default=_grown(now.slot_is_default, len(facts)),
            slot_length=lengths,
            text_slot=texts,
            segments=with_segment(now.segments, segment),
        )
        self._choose_defaults({int(prompts[slot]) for slot in slots})

    def _slot_of(self, version: VersionFacts, known: list[VersionFacts]) -> int:
        self.version_stamps[version.key] = version.stamp
        slot = self._slots.get(version.key)
        if slot is None:
            slot = self._slots[version.key] = len(known)
            self._slots_of[self._prompt_rows[version.prompt_key]].append(slot)
            known.append(version)
        known[slot] = version
        return slot

    def drop_versions(self, keys: Collection[ObjectId]) -> None:
        """Forget versions that were deleted, with their vectors."""
        for key in keys:
            self.version_stamps.pop(key, None)
        slots = [self._slots[key] for key in keys if key in self._slots]
        if not slots:
            return
        now = self.snapshot
        alive, texts = now.slot_is_alive.copy(), now.text_slot.copy()
        for slot in slots:
            alive[slot] = False
            _kill(texts, self._texts, slot)
        rows = now.row_slot.copy()
        rows[np.isin(rows, slots)] = DEAD
        self.snapshot = replace(now, slot_is_alive=alive, text_slot=texts, row_slot=rows)
        self._choose_defaults({int(now.slot_prompt[slot]) for slot in slots})

    def take_chunks(self, chunks: Sequence[Chunk]) -> None:
        """Add vectors, or put them in the place of older ones, of versions that are known."""
        length = self._buffer.shape[1]
        found: list[Chunk] = []
        for chunk in chunks:
            # A server may answer with longer vectors under the same name; they fit no others.
            length = length or len(from_stored(chunk.vector))
            if chunk.version_key in self._slots and len(from_stored(chunk.vector)) == length:
                found.append(chunk)
        self.chunk_stamps |= {chunk.key: chunk.stamp for chunk in chunks}
        if not found:
            return
        now, first = self.snapshot, len(self.snapshot.row_slot)
        rows = now.row_slot.copy()
        for number, chunk in enumerate(found, first):
            _kill(rows, self._rows, chunk.key)
            self._rows[chunk.key] = number
        slots = [self._living(self._slots[chunk.version_key]) for chunk in found]
        self.snapshot = replace(
            now,
            vectors=self._with_vectors(first, found),
            row_slot=np.append(rows, np.array(slots, np.int32)),
            row_is_title=np.append(now.row_is_title, [chunk.is_title for chunk in found]),
            row_start=_appended(now.row_start, [chunk.start for chunk in found]),
            row_end=_appended(now.row_end, [chunk.end for chunk in found]),
        )

    def _living(self, slot: int) -> int:
        return slot if self.snapshot.slot_is_alive[slot] else DEAD

    def _with_vectors(self, first: int, chunks: Sequence[Chunk]) -> Vectors:
        added = np.stack([from_stored(chunk.vector) for chunk in chunks])
        count, dimensions = first + len(added), added.shape[1]
        if count > len(self._buffer):
            larger = np.empty((int(count * HEADROOM) + 64, dimensions), np.float32)
            if first:
                larger[:first] = self._buffer[:first]
            self._buffer = larger
        self._buffer[first:count] = added
        return self._buffer[:count]

    def drop_chunks(self, keys: Collection[ObjectId]) -> None:
        """Forget vectors that were deleted."""
        for key in keys:
            self.chunk_stamps.pop(key, None)
        gone = [key for key in keys if key in self._rows]
        if not gone:
            return
        rows = self.snapshot.row_slot.copy()
        for key in gone:
            _kill(rows, self._rows, key)
            del self._rows[key]
        self.snapshot = replace(self.snapshot, row_slot=rows)

    def is_worn(self) -> bool:
        """Tell whether so much is dead that all should be built anew."""
        now = self.snapshot
        return any(
            len(places) > FEW and np.count_nonzero(places == DEAD) > MAX_DEAD_SHARE * len(places)
            for places in (now.text_slot, now.row_slot)
        )

    def _choose_defaults(self, prompt_rows: Iterable[int]) -> None:
        """Let each prompt stand by its current version, else by its newest."""
        now = self.snapshot
        chosen = now.slot_is_default.copy()
        for row in prompt_rows:
            slots = self._slots_of.get(row, [])
            chosen[slots] = False
            living = [slot for slot in slots if now.slot_is_alive[slot]]
            if living:
                current = now.prompts[row].current_version
                chosen[max(living, key=lambda slot: _standing(now.versions[slot], current))] = True
        self.snapshot = replace(now, slot_is_default=chosen)


def _standing(version: VersionFacts, current: str | None) -> tuple[bool, int]:
    return version.number == current, version.sequence


def _kill(places: Ints, numbers: dict[Key, int], key: Key) -> None:
    """Let the place that was kept for a key until now point nowhere."""
    old = numbers.get(key)
    if old is not None:
        places[old] = DEAD


def _grown(array: npt.NDArray[Number], length: int) -> npt.NDArray[Number]:
    """Return a copy with zeros up to the length."""
    grown = np.zeros(length, array.dtype)
    grown[: len(array)] = array
    return grown


def _appended(array: Ints, values: Sequence[int]) -> Ints:
    return np.append(array, np.array(values, np.int32))
