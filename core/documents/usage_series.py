"""Own the stored name of what is counted together: a version on a model, or a person."""

from typing import Literal

from pymongo import ASCENDING, IndexModel

from core.documents.base import Stored
from core.values.ids import Id
from prompthub.wire.literals import ExecutionStatus


class UsageSeries(Stored):
    """What one row of packed sums is about; `number` is made of all the other fields.

    Of the kind `version` it is the runs and ratings of a version on a model with one outcome, of
    the kind `user` the runs of a person (None: an application with its key) with one outcome.
    Without a `status` it is ratings of a version as such.
    """

    application_id: Id
    kind: Literal["version", "user"]
    number: int
    prompt_version_id: Id | None = None
    prompt_id: str | None = None
    version: str | None = None
    provider: str = ""
    model: str = ""
    user_id: Id | None = None
    status: ExecutionStatus | None = None

    class Settings:
        name = "usage_series"
        indexes = [
            IndexModel(
                [("application_id", ASCENDING), ("kind", ASCENDING), ("number", ASCENDING)],
                name="number",
                unique=True,
            ),
            IndexModel(
                [("kind", ASCENDING), ("prompt_id", ASCENDING), ("application_id", ASCENDING)],
                name="kind_prompt",
            ),
            IndexModel(
                [("user_id", ASCENDING)],
                name="user_id",
                partialFilterExpression={"user_id": {"$type": "objectId"}},
            ),
        ]
