"""Own who ran a prompt lately, for people who are about to change what it answers."""

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from pymongo import DESCENDING

from core import clock
from core.documents import ExecutionLog, Prompt
from core.values.scope import Scope

DAYS: Final = 30
# More would take longer than a dialog may; "more than 5,000" tells enough.
MOST_READ: Final = 5_000


class Callers(NamedTuple):
    """Runs of the last `DAYS` days, by the application's key and by people.

    Of the newest `MOST_READ` runs; `is_capped` where there are more.
    """

    by_key: int
    by_people: int
    people: int
    last_by_key: datetime | None
    is_capped: bool

    @property
    def runs(self) -> int:
        """All runs."""
        return self.by_key + self.by_people


async def find_callers(scope: Scope, prompt: Prompt) -> Callers:
    """Return who ran any version of the prompt; runs whose person was erased count as theirs.

    Raises:
        NotFound: the prompt is not visible.
        NotAllowed: an application asks with its key.
    """
    scope.refuse_application()
    scope.require("viewer", prompt.application_id, kind="prompt", key=prompt.prompt_id)
    recent = {
        "prompt_id": prompt.prompt_id,
        "application_id": prompt.application_id,
        "created_at": {"$gte": clock.now() - timedelta(days=DAYS)},
    }
    is_key = {"$and": [_is_empty("user_id"), _is_empty("erased_at")]}
    pipeline: list[dict[str, Any]] = [
        {"$match": recent},
        {"$sort": {"created_at": DESCENDING, "_id": DESCENDING}},
        {"$limit": MOST_READ + 1},
        {"$project": {"created_at": 1, "user_id": 1, "is_key": is_key}},
        {
            "$group": {
                "_id": "$is_key",
                "runs": {"$sum": 1},
                "last": {"$max": "$created_at"},
                "people": {"$addToSet": "$user_id"},
            }
        },
    ]
    cursor = await ExecutionLog.collection().aggregate(pipeline)
    found = {row["_id"]: row async for row in cursor}
    by_key, by_people = found.get(True, {}), found.get(False, {})
    runs = by_key.get("runs", 0), by_people.get("runs", 0)
    people = len([one for one in by_people.get("people", []) if one is not None])
    return Callers(*runs, people, by_key.get("last"), sum(runs) > MOST_READ)


def _is_empty(name: str) -> dict[str, Any]:
    return {"$eq": [{"$ifNull": [f"${name}", None]}, None]}
