"""Own finding what of a source the library has already: the same texts, for many at once."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from bson import ObjectId

from core.search.engine import SearchEngine
from core.search.masking import digest_of
from core.search.rank import Filters, admitted_slots, visible_slots
from core.search.similar import make_filters
from core.search.snapshot import Snapshot
from core.values.scope import Scope


class SamePrompt(NamedTuple):
    """A prompt whose present text differs by variables, case or signs only."""

    key: ObjectId
    prompt_id: str
    name: str
    application_id: ObjectId


async def find_same(
    scope: Scope, application_id: ObjectId, texts: Sequence[str], *, engine: SearchEngine
) -> list[SamePrompt | None]:
    """Return for each text an active prompt of the application that says the same, None without.

    It reads the picture of the search only, so a thousand texts cost no more queries than one.

    Raises:
        NotFound: the application is not the caller's.
        NotAllowed: an application asks with its key.
    """
    filters = make_filters(scope, application_id)
    now = await engine.fresh()
    return await asyncio.to_thread(_look_up, now, filters, texts)


def _look_up(now: Snapshot, filters: Filters, texts: Sequence[str]) -> list[SamePrompt | None]:
    slots = np.flatnonzero(admitted_slots(now, filters, visible_slots(now, filters)))
    known = {now.versions[slot].digest: slot for slot in reversed(list(map(int, slots)))}
    found: list[SamePrompt | None] = []
    for text in texts:
        digest = digest_of(text)
        slot = known.get(digest) if digest else None
        if slot is None:
            found.append(None)
            continue
        prompt = now.prompts[int(now.slot_prompt[slot])]
        found.append(SamePrompt(prompt.key, prompt.prompt_id, prompt.name, prompt.application_id))
    return found
