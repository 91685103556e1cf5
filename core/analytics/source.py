"""Own finding where figures are read: whose sums, and how far they are built."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bson import ObjectId

from core.analytics.question import Filters
from core.analytics.stretches import day_of, day_start
from core.analytics.window import Window
from core.documents import Application, RollupProgress
from core.values.scope import Scope

Match = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """Whose sums are read, and until when they are built; `days_until` is that of their days.

    Without `applications` those of all: then days are built of everybody or of nobody.
    """

    applications: tuple[ObjectId, ...] | None
    until: datetime | None
    days_until: Mapping[ObjectId, datetime]

    def built_until(self, window: Window) -> datetime:
        """Return the moment of a window from which on the log itself is counted."""
        return max(window.start, min(window.end, self.until or window.start))

    def split(self, window: Window) -> tuple[Match | None, Match | None]:
        """Return whose days answer and whose hours do, as conditions; None for nobody."""
        zone = ZoneInfo(window.zone)
        last = day_start(day_of(self.built_until(window), zone), zone)
        has_days = {
            one
            for one, until in self.days_until.items()
            if until >= last and window.bucket != "hour"
        }
        if not has_days:
            return None, _among(self.applications) if self.applications != () else None
        everybody = self.days_until if self.applications is None else self.applications
        others = [one for one in everybody if one not in has_days]
        if not others:
            return _among(self.applications), None
        return _among([one for one in everybody if one in has_days]), _among(others)


def _among(ids: Collection[ObjectId] | None) -> Match:
    # Thousands of names cost more than the sums that they leave out.
    return {} if ids is None else {"application_id": {"$in": list(ids)}}


async def find_source(scope: Scope, filters: Filters, zone: str) -> Source:
    """Return where answers are to be read, days being those of a time zone.

    Raises:
        NotFound: the application asked for is not visible.
        NotAllowed: an application asks with its key.
    """
    scope.refuse_application()
    wanted = filters.application_id
    ids: tuple[ObjectId, ...] | None = None
    if wanted is not None:
        scope.require("viewer", wanted, kind="application", key=str(wanted))
        ids = (wanted,)
    elif not scope.sees_everything:
        ids = tuple(scope.roles)
    progress = await RollupProgress.find_one({"_id": RollupProgress.KEY})
    days_until = await _find_days(ids, zone)
    if ids is None and 0 < len(days_until) < await Application.count():
        ids = tuple([row["_id"] async for row in Application.collection().find({}, {"_id": 1})])
    return Source(ids, progress.until if progress else None, days_until)


async def _find_days(ids: Collection[ObjectId] | None, zone: str) -> dict[ObjectId, datetime]:
    wanted: Match = {"$ne": RollupProgress.KEY} if ids is None else {"$in": list(ids)}
    rows = RollupProgress.collection().find(
        {"_id": wanted, "time_zone": zone, "until": {"$ne": None}}, {"until": 1}
    )
    return {row["_id"]: row["until"] async for row in rows}
