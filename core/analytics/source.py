"""Own finding where figures are read: whose sums, and how far they are built."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bson import ObjectId

from core.analytics.question import Filters
from core.analytics.stretches import day_of, day_start
from core.analytics.window import Window
from core.documents import Application, RollupProgress
from core.values.scope import Scope


@dataclass(frozen=True, slots=True)
class Source:
    """Whose sums are read, and until when they are built; `days_until` is that of their days."""

    applications: tuple[ObjectId, ...]
    until: datetime | None
    days_until: Mapping[ObjectId, datetime]

    def built_until(self, window: Window) -> datetime:
        """Return the moment of a window from which on the log itself is counted."""
        return max(window.start, min(window.end, self.until or window.start))

    def split(self, window: Window) -> tuple[list[ObjectId], list[ObjectId]]:
        """Return the applications whose days answer, and those whose hours do."""
        zone = ZoneInfo(window.zone)
        last = day_start(day_of(self.built_until(window), zone), zone)
        has_days = {
            one
            for one, until in self.days_until.items()
            if until >= last and window.bucket != "hour"
        }
        by_days = [one for one in self.applications if one in has_days]
        return by_days, [one for one in self.applications if one not in has_days]


async def find_source(scope: Scope, filters: Filters, zone: str) -> Source:
    """Return where answers are to be read, days being those of a time zone.

    Raises:
        NotFound: the application asked for is not visible.
        NotAllowed: an application asks with its key.
    """
    scope.refuse_application()
    wanted = filters.application_id
    if wanted is not None:
        scope.require("viewer", wanted, kind="application", key=str(wanted))
        ids = [wanted]
    elif scope.sees_everything:
        ids = [row["_id"] async for row in Application.collection().find({}, {"_id": 1})]
    else:
        ids = list(scope.roles)
    built = await RollupProgress.find_one({"_id": RollupProgress.KEY})
    return Source(tuple(ids), built.until if built else None, await _find_days(ids, zone))


async def _find_days(ids: Sequence[ObjectId], zone: str) -> dict[ObjectId, datetime]:
    rows = RollupProgress.collection().find(
        {"_id": {"$in": list(ids)}, "time_zone": zone, "until": {"$ne": None}}, {"until": 1}
    )
    return {row["_id"]: row["until"] async for row in rows}
