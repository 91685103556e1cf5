"""Own the stored review: what a person has decided and typed about one proposal, not yet saved."""

from typing import Any, Final

from pydantic import Field
from pymongo import ASCENDING, IndexModel

from core.documents.base import Changing
from core.values.ids import Id

# Who has not gone on with a review for so long will begin anew.
KEPT_SECONDS: Final = 90 * 24 * 3600


class SourceReview(Changing):
    """One person's choice about the proposal that begins at the character `start` of a source.

    There is a row only where the choice differs from what was proposed.
    """

    user_id: Id
    source_id: Id
    application_id: Id
    start: int
    choice: dict[str, Any] = Field(default_factory=dict[str, Any], repr=False)

    class Settings:
        name = "source_reviews"
        indexes = [
            IndexModel(
                [("source_id", ASCENDING), ("user_id", ASCENDING), ("start", ASCENDING)],
                name="source_user_start",
                unique=True,
            ),
            IndexModel(
                [("updated_at", ASCENDING)], name="updated_at", expireAfterSeconds=KEPT_SECONDS
            ),
        ]
