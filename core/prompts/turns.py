"""Own the turns of saves: in one process they follow each other and lose no race."""

from asyncio import Lock
from typing import Final
from weakref import WeakValueDictionary

from bson import ObjectId

# Each lost race means that another save was stored, so this many must win before one gives up.
SAVE_ATTEMPTS: Final = 200

# A lock lives as long as somebody holds it or waits for it.
_turns: Final[WeakValueDictionary[ObjectId, Lock]] = WeakValueDictionary()


def turn(prompt_key: ObjectId) -> Lock:
    """Return what a save to this prompt holds while it takes its number.

    The unique indexes alone keep numbers apart, also between processes. Fifteen saves at once
    tried a hundred times between them, though, and on a busy machine that took longer than a
    request may: with turns each tries once.
    """
    return _turns.setdefault(prompt_key, Lock())
