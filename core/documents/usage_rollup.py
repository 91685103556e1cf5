"""Own the stored sums of what an application used in one stretch of time."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from beanie.odm.custom_types import DecimalAnnotation
from pydantic import BaseModel, Field
from pymongo import ASCENDING, IndexModel

from core.documents.base import Stored
from core.values.ids import Id
from prompthub.wire.literals import ExecutionStatus

Grain = Literal["quarter", "hour", "day"]


class UsageCell(BaseModel):
    """The runs of one version on one model with one outcome, added up.

    `cost_usd` is the sum of the known costs, `cost_unknown` counts answers of unknown cost.
    `ratings` counts the ratings 1 to 5. `latency` and `first_token` are packed histograms
    (`core.analytics.histogram`).
    """

    prompt_version_id: Id | None = None
    prompt_id: str | None = None
    version: str | None = None
    provider: str = ""
    model: str = ""
    status: ExecutionStatus | None = None
    runs: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: DecimalAnnotation = Decimal(0)
    cost_unknown: int = 0
    ratings: list[int] = Field(default_factory=lambda: [0] * 5)
    latency: bytes = b""
    first_token: bytes = b""


class UserCell(BaseModel):
    """The runs of one person (None: an application with its key) with one outcome, added up."""

    user_id: Id | None = None
    status: ExecutionStatus
    runs: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: DecimalAnnotation = Decimal(0)
    cost_unknown: int = 0


class UsageRollup(Stored):
    """What one application used from `start` on, for a quarter of an hour, an hour or a day.

    All of one stretch is one document, so that counting it again is one write and no reader
    sees half of it. Days are those of `time_zone`; the shorter ones are of UTC, and a quarter of
    an hour begins with every local day there is. Hours keep no `users`.
    `rows` are those of the log, finished or not, `running` those that were not finished yet.
    `expires_at` of a quarter is when the first of them goes; then it must not be counted again.
    """

    application_id: Id
    grain: Grain
    time_zone: str = "UTC"
    start: datetime
    cells: list[UsageCell] = Field(default_factory=list[UsageCell])
    users: list[UserCell] = Field(default_factory=list[UserCell])
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
