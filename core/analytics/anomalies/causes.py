"""Own what changed about the time at which an anomaly began."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from core.analytics.anomalies.examples import rows_of
from core.documents import Anomaly, AuditEvent, Change, Connection, ExecutionLog, PromptVersion
from prompthub.wire.literals import ChangeKind

# A change works from then on, and the hour in which something began is known to the hour.
BEFORE: Final = timedelta(hours=24)
AFTER: Final = timedelta(hours=1)
# How far back a price is looked for.
FAR: Final = timedelta(days=7)
MAX_CHANGES: Final = 10

_ACTIONS: Final[Mapping[str, ChangeKind]] = {
    "version.publish": "publish",
    "version.roll_back": "rollback",
    "label.move": "label",
    "connection.update": "connection",
}


class FirstRuns(NamedTuple):
    """The hours in which the version ran first, and the prompt on the model."""

    of_version: datetime
    on_model: datetime


async def find_changes(anomaly: Anomaly, first_runs: FirstRuns) -> list[Change]:
    """Return what changed from a day before to an hour after the beginning, the last first."""
    found = [
        *await _acts(anomaly),
        *_first_seen(anomaly, first_runs),
        *await _prices(anomaly),
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)[:MAX_CHANGES]


def _about(anomaly: Anomaly) -> dict[str, datetime]:
    return {"$gte": anomaly.started_at - BEFORE, "$lt": anomaly.started_at + AFTER}


async def _acts(anomaly: Anomaly) -> list[Change]:
    """Return what people did: publish, roll back, move a label, change the connection."""
    version = await PromptVersion.collection().find_one(
        {"_id": anomaly.prompt_version_id}, {"prompt_id": 1}
    )
    connection = await Connection.collection().find_one({"name": anomaly.provider}, {"_id": 1})
    targets = [f"prompt:{version['prompt_id']}"] if version else []
    targets += [f"connection:{connection['_id']}"] if connection else []
    rows = AuditEvent.collection().find(
        {
            "target": {"$in": targets},
            "action": {"$in": list(_ACTIONS)},
            "created_at": _about(anomaly),
        }
    )
    return [_to_change(anomaly, row) async for row in rows]


def _to_change(anomaly: Anomaly, row: Mapping[str, Any]) -> Change:
    kind = _ACTIONS[row["action"]]
    before, after = row.get("before", {}), row.get("after", {})
    if kind == "connection":
        # Who may see connections is for the audit trail to say: here is only that it changed.
        return Change(kind=kind, at=row["created_at"], subject=anomaly.provider)
    subject = f"label {after.get('label')}" if kind == "label" else anomaly.prompt_id
    return Change(
        kind=kind,
        at=row["created_at"],
        subject=subject,
        before=str(before.get("version" if kind == "label" else "current_version") or ""),
        after=str(after.get("version") or ""),
        actor=row.get("actor", ""),
    )


def _first_seen(anomaly: Anomaly, first_runs: FirstRuns) -> list[Change]:
    """Return the first runs of the version, and of the model by the prompt, where they are new."""
    since = anomaly.started_at - BEFORE
    model = f"{anomaly.provider}/{anomaly.model}"
    asked: list[tuple[ChangeKind, datetime, str]] = [
        ("new_version", first_runs.of_version, anomaly.version),
        ("new_model", first_runs.on_model, model),
    ]
    return [Change(kind=kind, at=at, subject=name) for kind, at, name in asked if at >= since]


async def _prices(anomaly: Anomaly) -> list[Change]:
    """Return the change of the prices that runs were charged, where there was one."""
    rows = {**rows_of(anomaly), "cost_status": "priced"}
    start = anomaly.started_at
    before = await ExecutionLog.collection().find_one(
        {**rows, "created_at": {"$gte": start - FAR, "$lt": start}},
        {"unit_prices": 1},
        sort=[("created_at", -1)],
    )
    after = await ExecutionLog.collection().find_one(
        {**rows, "created_at": {"$gte": start, "$lt": anomaly.last_seen_at}},
        {"unit_prices": 1, "created_at": 1},
        sort=[("created_at", 1)],
    )
    if before is None or after is None or before["unit_prices"] == after["unit_prices"]:
        return []
    return [
        Change(
            kind="new_price",
            at=after["created_at"],
            subject=f"{anomaly.provider}/{anomaly.model}",
            before=_say(before["unit_prices"].items()),
            after=_say(after["unit_prices"].items()),
        )
    ]


def _say(prices: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{name} {price}" for name, price in sorted(prices))
