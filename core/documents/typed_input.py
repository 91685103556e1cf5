"""Own what a person has typed into the playground and not yet run: it survives a refresh."""

from typing import Any, Final

from pydantic import Field
from pymongo import ASCENDING, IndexModel

from core.documents.base import Changing
from core.values.ids import Id

# Long enough for a holiday; what matters is saved as an example or a prompt.
KEPT_SECONDS: Final = 30 * 24 * 3600


class TypedInput(Changing):
    """The values of one person at one place: the prompt's id, or for a free text the application's.

    `began_with` names the example or the execution that was filled in before typing went on.
    """

    user_id: Id
    place_id: Id
    began_with: str = ""
    values: dict[str, Any] = Field(default_factory=dict[str, Any])

    class Settings:
        name = "typed_inputs"
        indexes = [
            IndexModel(
                [("user_id", ASCENDING), ("place_id", ASCENDING)], name="user_place", unique=True
            ),
            IndexModel(
                [("updated_at", ASCENDING)], name="updated_at", expireAfterSeconds=KEPT_SECONDS
            ),
        ]
