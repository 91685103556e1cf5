"""Own what a person has typed to try a prompt with and not yet run: it survives a refresh."""

from typing import Any, Final, Literal

from pydantic import Field
from pymongo import ASCENDING, IndexModel

from core.documents.base import Changing
from core.values.ids import Id

# Long enough for a holiday; what matters is saved as an example or a prompt.
KEPT_SECONDS: Final = 30 * 24 * 3600


class TypedInput(Changing):
    """The values of one person at one place: the prompt's id, or for a free text the application's.

    `part` is the form of one input, or the table of many. `began_with` names the example or the
    execution that was filled in before typing went on.
    """

    user_id: Id
    place_id: Id
    part: Literal["form", "table"] = "form"
    began_with: str = ""
    values: dict[str, Any] = Field(default_factory=dict[str, Any])

    class Settings:
        name = "typed_values"
        indexes = [
            IndexModel(
                [("user_id", ASCENDING), ("place_id", ASCENDING), ("part", ASCENDING)],
                name="user_place_part",
                unique=True,
            ),
            IndexModel(
                [("updated_at", ASCENDING)], name="updated_at", expireAfterSeconds=KEPT_SECONDS
            ),
        ]
