"""Own storing anomalies: each one once, logged when it is new, kept up to date while it goes on."""

import logging
import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from bson import ObjectId
from pymongo import DESCENDING
from pymongo.errors import DuplicateKeyError

from core import clock
from core.analytics.anomalies.causes import FirstRuns, find_changes
from core.analytics.anomalies.examples import find_examples
from core.analytics.anomalies.hours import Names
from core.analytics.anomalies.judge import Followed, Found, Seen
from core.analytics.stretches import HOUR
from core.documents import Anomaly, changed
from core.telemetry import facts

# What comes back so soon is the same.
SAME_WITHIN: Final = timedelta(hours=6)

_log = logging.getLogger(__name__)


def names_of(anomaly: Anomaly) -> Names:
    """Return what an anomaly is about."""
    return Names(*(getattr(anomaly, name) for name in Names._fields))


async def add(application_id: ObjectId, first: datetime, found: Sequence[Found]) -> int:
    """Store what is new, hours being counted from `first`; return how many anomalies that are."""
    return sum([await _add(application_id, first, one) for one in found])


async def _add(application_id: ObjectId, first: datetime, found: Found) -> bool:
    series: dict[str, Any] = {
        "application_id": application_id,
        **found.names._asdict(),
        "measure": found.measure,
    }
    started_at = first + found.start * HOUR
    newest = await Anomaly.collection().find_one(series, sort=[("started_at", DESCENDING)])
    if newest is not None and await _reopen(newest, started_at):
        return False
    muted_until = None if newest is None else newest.get("muted_until")
    anomaly = Anomaly.model_validate(
        {
            **series,
            **_told(found.seen),
            "pattern": found.pattern,
            "started_at": started_at,
            "last_seen_at": first + found.end * HOUR,
            "muted_until": muted_until,
            "muted_by": "" if newest is None else newest.get("muted_by", ""),
            "is_quiet": muted_until is not None and muted_until > clock.now(),
        }
    )
    anomaly.examples = await find_examples(anomaly)
    first_runs = FirstRuns(first + found.version_since * HOUR, first + found.model_since * HOUR)
    anomaly.changes = await find_changes(anomaly, first_runs)
    try:
        await anomaly.insert()
    except DuplicateKeyError:
        return False
    if not anomaly.is_quiet:
        _tell(anomaly)
    return True


def _told(seen: Seen) -> dict[str, Any]:
    return {
        "observed": seen.observed,
        "expected": seen.expected,
        "expected_low": seen.low,
        "expected_high": seen.high,
        "runs": seen.runs,
    }


async def _reopen(newest: dict[str, Any], started_at: datetime) -> bool:
    """Let the newest anomaly go on where it has hardly ended; tell whether that is so."""
    ended_at: datetime | None = newest["ended_at"]
    if ended_at is not None and (newest["is_settled"] or started_at - ended_at > SAME_WITHIN):
        return False
    if ended_at is not None:
        await Anomaly.change_one({"_id": newest["_id"], "ended_at": ended_at}, {"ended_at": None})
    return True


def _tell(anomaly: Anomaly) -> None:
    _log.warning(
        "Something is unusual.",
        extra=facts(
            anomaly=str(anomaly.key),
            application=str(anomaly.application_id),
            prompt=anomaly.prompt_id,
            version=anomaly.version,
            model=f"{anomaly.provider}/{anomaly.model}",
            measure=anomaly.measure,
            pattern=anomaly.pattern,
            started_at=anomaly.started_at.isoformat(),
            observed=round(anomaly.observed, 6),
            expected=round(anomaly.expected, 6),
        ),
    )


async def update(application_id: ObjectId, first: datetime, followed: Sequence[Followed]) -> None:
    """Keep up to date what goes on, and end what does not."""
    for one in followed:
        known = one.known
        fields: dict[str, Any] = {"last_seen_at": first + one.last * HOUR}
        # Without a figure of what is usual there is none of how far off it is.
        if all(math.isfinite(value) for value in one.seen):
            fields |= _told(one.seen)
        if one.has_ended:
            fields["ended_at"] = fields["last_seen_at"]
        wanted = {
            "application_id": application_id,
            **known.names._asdict(),
            "measure": known.measure,
            "ended_at": None,
        }
        await Anomaly.collection().update_many(wanted, changed(**fields))
