"""Own how far the sums of use have been built, and who builds them."""

from datetime import datetime
from typing import ClassVar

from bson import ObjectId
from pydantic import BaseModel, Field

from core.documents.base import Stored


class Span(BaseModel):
    """From `start` (included) to `end` (not included)."""

    start: datetime
    end: datetime


class RollupProgress(Stored):
    """How far sums are built: everything before `until`.

    Under `KEY` that is for all quarters and hours, under the id of an application for its days
    in `time_zone`. `checked_at` is when the sums were last compared with the log, `pending` are
    spans that are to be counted again.
    """

    KEY: ClassVar[ObjectId] = ObjectId("000000000000000000000002")

    until: datetime | None = None
    time_zone: str = "UTC"
    checked_at: datetime | None = None
    pending: list[Span] = Field(default_factory=list[Span])
    lease_owner: str | None = None
    lease_until: datetime | None = None

    class Settings:
        name = "rollup_progress"
