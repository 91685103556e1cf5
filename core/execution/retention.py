"""Own that a changed `retention_days` holds for executions that are there already."""

from datetime import datetime, timedelta
from typing import Any, Final

from bson import ObjectId

from core import clock
from core.documents import Application, ExecutionLog, UsageRollup

# An execution that began before the change may still store its row with the old date.
SETTLED: Final = timedelta(minutes=1)


async def apply_retention(*, settled: timedelta = SETTLED) -> int:
    """Give the rows of applications whose retention was changed their new date of expiry.

    Return how many rows got one. Repeating it, also at once in several processes, does no harm.
    """
    done = 0
    names = ("retention_days", "applied_retention_days", "updated_at")
    async for row in Application.collection().find({}, dict.fromkeys(names, 1)):
        days = row.get("retention_days")
        if days == row.get("applied_retention_days") or row["updated_at"] > clock.now() - settled:
            continue
        done += await _restamp(row["_id"], days)
        # Changed again meanwhile, it is not applied yet.
        await Application.collection().update_one(
            {"_id": row["_id"], "retention_days": days}, {"$set": {"applied_retention_days": days}}
        )
    return done


async def _restamp(application_id: ObjectId, days: int | None) -> int:
    """Sums stop being counted again before the first of their rows goes, never after."""
    started = clock.now()
    if days is not None:
        sooner = {"$min": ["$expires_at", _after(days, "$start")]}
        await _date_quarters(application_id, started, sooner)
    expires_at = None if days is None else _after(days, "$created_at")
    changed = await ExecutionLog.collection().update_many(
        {
            "application_id": application_id,
            "$expr": {"$ne": [{"$ifNull": ["$expires_at", None]}, expires_at]},
        },
        [{"$set": {"expires_at": expires_at}}],
    )
    later = None if days is None else _after(days, "$start")
    await _date_quarters(application_id, started, later)
    return changed.modified_count


def _after(days: int, moment: str) -> dict[str, Any]:
    return {"$dateAdd": {"startDate": moment, "unit": "day", "amount": days}}


async def _date_quarters(application_id: ObjectId, moment: datetime, expires_at: object) -> None:
    """Date the quarters of which no row had gone at that moment."""
    whole = {"$or": [{"expires_at": None}, {"expires_at": {"$gt": moment}}]}
    await UsageRollup.collection().update_many(
        {"application_id": application_id, "grain": "quarter", "rows": {"$gt": 0}, **whole},
        [{"$set": {"expires_at": expires_at}}],
    )
