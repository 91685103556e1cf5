"""Own the stored sums of what an application used in one stretch of time."""

from datetime import datetime
from typing import Literal

from pydantic import Field
from pymongo import ASCENDING, IndexModel

from core.documents.base import Stored
from core.values.ids import Id

Grain = Literal["quarter", "hour", "day"]


class UsageRollup(Stored):
    """What one application used from `start` on, for a quarter of an hour, an hour or a day.

    All of one stretch is one document, so that counting it again is one write and no reader
    sees half of it. Days are those of `time_zone`; the shorter ones are of UTC, and a quarter of
    an hour begins with every local day there is.
    `cells` are the sums by version, model and outcome, `users` those by person and outcome, as
    packed columns (`core.analytics.columns`); their rows are named by `UsageSeries`. Hours keep
    no `users`.
    `rows` are those of the log, finished or not, `running` those that were not finished yet.
    `expires_at` of a quarter is when the first of them goes; then it must not be counted again.
    """

    application_id: Id
    grain: Grain
    time_zone: str = "UTC"
    start: datetime
    cells: dict[str, bytes] = Field(default_factory=dict[str, bytes])
    users: dict[str, bytes] = Field(default_factory=dict[str, bytes])
    rows: int = 0
    running: int = 0
    expires_at: datetime | None = None

    class Settings:
        name = "usage_rollups"
        indexes = [
            IndexModel(
                [
                    ("application_id", ASCENDING),
                    ("grain", ASCENDING),
                    ("time_zone", ASCENDING),
                    ("start", ASCENDING),
                ],
                name="stretch",
                unique=True,
            ),
            IndexModel([("grain", ASCENDING), ("start", ASCENDING)], name="grain_start"),
            IndexModel(
                [("start", ASCENDING)],
                name="unfinished",
                partialFilterExpression={"running": {"$gt": 0}},
            ),
        ]
