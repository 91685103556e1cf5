"""Own the picture that queries read: every version searched, as arrays that never change."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from bson import ObjectId

from core.embeddings.base import Vectors
from core.search.facts import PromptFacts, VersionFacts
from core.search.postings import Floats, Ints, Mask, Segment, Vocabulary

DEAD = -1


def _ints() -> Ints:
    return np.zeros(0, np.int32)


def _floats() -> Floats:
    return np.zeros(0, np.float32)


def _mask() -> Mask:
    return np.zeros(0, np.bool_)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Prompts, versions, texts and vectors as they were at one moment.

    A version has one *slot* for ever; a changed text or vector gets a new *text* or *row*, and
    the old one points to the slot `DEAD`. `model` names the model of the vectors, None while
    there are none to search by.
    """

    prompts: tuple[PromptFacts, ...] = ()
    prompt_application: Ints = field(default_factory=_ints)
    prompt_is_active: Mask = field(default_factory=_mask)
    prompt_is_published: Mask = field(default_factory=_mask)
    applications: Mapping[ObjectId, int] = field(default_factory=dict[ObjectId, int])

    versions: tuple[VersionFacts, ...] = ()
    slots: Mapping[ObjectId, int] = field(default_factory=dict[ObjectId, int])
    slot_prompt: Ints = field(default_factory=_ints)
    slot_is_alive: Mask = field(default_factory=_mask)
    slot_is_default: Mask = field(default_factory=_mask)
    slot_length: Floats = field(default_factory=_floats)

    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    segments: tuple[Segment, ...] = ()
    text_slot: Ints = field(default_factory=_ints)

    model: str | None = None
    vectors: Vectors = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    row_slot: Ints = field(default_factory=_ints)
    row_is_title: Mask = field(default_factory=_mask)
    row_start: Ints = field(default_factory=_ints)
    row_end: Ints = field(default_factory=_ints)

    @property
    def slot_application(self) -> Ints:
        """The application of each version, as a number of `applications`."""
        return self.prompt_application[self.slot_prompt]
