"""Own the stored rating of a version or an execution."""

from pymongo import ASCENDING, IndexModel

from core.documents.base import Changing
from core.values.ids import Id
from prompthub.wire.feedback import Rating


class Feedback(Changing):
    """One user's rating of one target: the execution where given, else the version.

    An execution of an unsaved body has no version.
    """

    prompt_version_id: Id | None = None
    execution_id: Id | None = None
    user_id: Id
    rating: Rating
    comment: str = ""
    improvement_suggestion: str = ""

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
            IndexModel([("execution_id", ASCENDING)], name="execution_id"),
            IndexModel([("created_at", ASCENDING)], name="created_at"),
            IndexModel([("updated_at", ASCENDING)], name="updated_at"),
        ]
