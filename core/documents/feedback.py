"""Own the stored rating of a version or an execution."""

from datetime import datetime

from pymongo import ASCENDING, DESCENDING, IndexModel

from core.documents.base import Changing
from core.values.ids import Id
from prompthub.wire.feedback import Rating


class Feedback(Changing):
    """One user's rating of one target: the execution where given, else the version.

    An execution of an unsaved body has no version. `done_at` says that the suggestion was dealt
    with, `done_by` which account said so.
    """

    application_id: Id | None = None
    prompt_version_id: Id | None = None
    execution_id: Id | None = None
    user_id: Id
    rating: Rating
    comment: str = ""
    improvement_suggestion: str = ""
    done_at: datetime | None = None
    done_by: Id | None = None

    class Settings:
        name = "feedback"
        indexes = [
            IndexModel(
                [
                    ("user_id", ASCENDING),
                    ("prompt_version_id", ASCENDING),
                    ("execution_id", ASCENDING),
                ],
                name="user_target",
                unique=True,
            ),
            IndexModel([("prompt_version_id", ASCENDING)], name="prompt_version_id"),
            # Holds all that the standing of versions is made of: no rating is read for it.
            IndexModel(
                [
                    ("application_id", ASCENDING),
                    ("prompt_version_id", ASCENDING),
                    ("updated_at", ASCENDING),
                    ("rating", ASCENDING),
                ],
                name="standing",
            ),
            IndexModel(
                [("done_at", ASCENDING), ("updated_at", DESCENDING), ("_id", DESCENDING)],
                name="suggestions",
                partialFilterExpression={"improvement_suggestion": {"$gt": ""}},
            ),
            IndexModel([("execution_id", ASCENDING)], name="execution_id"),
            IndexModel([("created_at", ASCENDING)], name="created_at"),
            IndexModel([("updated_at", ASCENDING)], name="updated_at"),
        ]
