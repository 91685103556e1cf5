"""Own the stored example: values of a prompt's variables that are kept to run it again."""

from typing import Any

from pydantic import Field
from pymongo import ASCENDING, IndexModel
from pymongo.collation import Collation, CollationStrength

from core.documents.base import Changing
from core.values.ids import Id

# "Invoice" and "invoice" are one name, and stand side by side in lists.
NAMES = Collation(locale="en", strength=CollationStrength.SECONDARY)


class Example(Changing):
    """Named values for one prompt; `prompt_key` is the prompt's id in the database.

    `user_id` is whose words they are, for erasure; `created_by` names that person.
    """

    application_id: Id
    prompt_key: Id
    name: str
    values: dict[str, Any] = Field(default_factory=dict[str, Any])
    created_by: str = ""
    user_id: Id | None = None

    class Settings:
        name = "examples"
        indexes = [
            IndexModel(
                [("prompt_key", ASCENDING), ("name", ASCENDING)],
                name="prompt_name",
                unique=True,
                collation=NAMES,
            ),
            IndexModel([("user_id", ASCENDING)], name="user"),
        ]
