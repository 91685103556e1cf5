"""Own the stored anomaly: what was unusual about a version on a model, and since when."""

from datetime import datetime
from typing import ClassVar

from bson import ObjectId
from pydantic import BaseModel, Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from core.documents.base import Changing, Stored
from core.values.ids import Id
from prompthub.wire.literals import AnomalyMeasure, AnomalyPattern, ChangeKind


class Change(BaseModel):
    """What changed about the time at which an anomaly began; `actor` is empty where nobody did."""

    kind: ChangeKind
    at: datetime
    subject: str
    before: str = ""
    after: str = ""
    actor: str = ""


class Anomaly(Changing):
    """Something unusual of one version on one model, from `started_at` on.

    `observed`, `expected` and its interval `expected_low` to `expected_high` are tokens, US
    dollars or milliseconds a successful run, or shares of runs (errors, blocks). `runs` is how
    many runs were observed. `ended_at` is None while it goes on; `is_settled` says that it lasted
    so long that it is what is expected now.
    Whoever mutes, mutes the measure of the version on the model: `muted_until` is inherited.
    What is quiet began while muted, and was neither logged nor counted.
    """

    application_id: Id
    prompt_version_id: Id
    prompt_id: str
    version: str
    provider: str
    model: str
    measure: AnomalyMeasure
    pattern: AnomalyPattern
    started_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None = None
    is_settled: bool = False
    observed: float
    expected: float
    expected_low: float
    expected_high: float
    runs: int
    examples: list[Id] = Field(default_factory=list[Id])
    changes: list[Change] = Field(default_factory=list[Change])
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    note: str = ""
    muted_until: datetime | None = None
    muted_by: str = ""
    is_quiet: bool = False

    class Settings:
        name = "anomalies"
        indexes = [
            IndexModel(
                [
                    ("application_id", ASCENDING),
                    ("prompt_version_id", ASCENDING),
                    ("provider", ASCENDING),
                    ("model", ASCENDING),
                    ("measure", ASCENDING),
                    ("started_at", DESCENDING),
                ],
                name="series_start",
                unique=True,
            ),
            IndexModel(
                [("application_id", ASCENDING), ("started_at", DESCENDING), ("_id", DESCENDING)],
                name="application_newest",
            ),
            IndexModel([("started_at", DESCENDING), ("_id", DESCENDING)], name="newest"),
            IndexModel([("measure", ASCENDING), ("ended_at", ASCENDING)], name="measure_ended"),
        ]


class AnomalyProgress(Stored):
    """Up to when the hours have been judged, and who is judging."""

    KEY: ClassVar[ObjectId] = ObjectId("000000000000000000000003")

    until: datetime | None = None
    lease_owner: str | None = None
    lease_until: datetime | None = None

    class Settings:
        name = "anomaly_progress"
