"""Own the rule that one active superuser always remains.

Two superusers who demote each other at the same moment touch two documents, so no single
compare-and-set can stop them. Each demotion therefore has two steps:

1. the user is marked as stepping down, but keeps all rights;
2. when another active superuser without a mark is seen, the marked user loses the rights, guarded
   by that very mark; else the mark is taken back and the demotion refused.

Each mark is written before the others are read, so of two demotions that would leave nobody at
least one sees the other's mark; both may be refused, never both done. A process that dies between
the steps leaves a superuser with a mark: rights are kept, and the mark is void after a minute.
Voiding removes it, so a process that merely slept no longer passes the guard of step 2.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from bson import ObjectId

from core import clock
from core.documents import User
from core.errors import Conflict

MARK_LIFE: Final = timedelta(minutes=1)


async def step_down(user: User, fields: Mapping[str, Any]) -> User:
    """Store `fields`, which take the rights of an active superuser, and return the user.

    Raises:
        Conflict: no other active superuser would remain, or the user was changed meanwhile.
    """
    mark = clock.now()
    marked = await User.change_one(
        {
            "_id": user.key,
            "is_superuser": True,
            "is_active": True,
            "session_epoch": user.session_epoch,
            "stepping_down_at": user.stepping_down_at,
        },
        {"stepping_down_at": mark},
    )
    if marked is None:
        raise _changed_meanwhile()
    if not await _another_remains(user.key, mark):
        await _unmark(user.key, mark)
        raise Conflict("This is the last active superuser; make somebody else one first.")
    after = await User.change_one(
        {"_id": user.key, "stepping_down_at": mark}, {**fields, "stepping_down_at": None}
    )
    if after is None:
        raise _changed_meanwhile()
    return after


def _changed_meanwhile() -> Conflict:
    return Conflict("The user was changed by somebody else meanwhile; look again.")


async def _another_remains(user_id: ObjectId, moment: datetime) -> bool:
    others = User.find({"_id": {"$ne": user_id}, "is_superuser": True, "is_active": True})
    async for other in others:
        mark = other.stepping_down_at
        if mark is None:
            return True
        if mark < moment - MARK_LIFE and await _unmark(other.key, mark):
            return True
    return False


async def _unmark(user_id: ObjectId, mark: datetime) -> bool:
    return (
        await User.change_one(
            {"_id": user_id, "stepping_down_at": mark}, {"stepping_down_at": None}
        )
        is not None
    )
