"""Own the stored prompt: a named asset of an application and the pointers into its versions."""

from pydantic import Field
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.collation import Collation, CollationStrength

from core.documents.base import UNRECORDED, Audited
from core.values.ids import Id

# Upper and lower case sort as one, accented letters beside their plain ones.
BY_LETTER = Collation("en", strength=CollationStrength.SECONDARY)


class Prompt(Audited):
    """A prompt; `current_version` is what `latest` serves, `labels` map names to versions.

    `publish_seq` is the sequence of the newest publish that reached `current_version`.
    `newest_version`, `newest_sequence` and `search_text` (its case-folded text) are copies of the
    newest version for lists and for searching by words; saving keeps them, without a new revision.
    """

    prompt_id: str
    name: str
    description: str = ""
    folder: str = ""
    application_id: Id
    created_by: str = ""
    is_active: bool = True
    current_version: str | None = None
    publish_seq: int = 0
    tags: list[str] = Field(default_factory=list[str])
    default_model: str | None = None
    labels: dict[str, str] = Field(default_factory=dict[str, str])
    newest_version: str | None = None
    newest_sequence: int = 0
    search_text: str = ""

    class Settings:
        name = "prompts"
        indexes = [
            IndexModel(
                [("prompt_id", ASCENDING), ("application_id", ASCENDING)],
                name="prompt_application",
                unique=True,
            ),
            IndexModel([("application_id", ASCENDING), ("updated_at", DESCENDING)], name="recent"),
            IndexModel(
                [("application_id", ASCENDING), ("name", ASCENDING), ("_id", ASCENDING)],
                name="by_letter",
                collation=BY_LETTER,
            ),
            IndexModel(
                [("name", ASCENDING), ("_id", ASCENDING)],
                name="all_by_letter",
                collation=BY_LETTER,
            ),
            IndexModel([("updated_at", DESCENDING), ("_id", DESCENDING)], name="all_recent"),
            IndexModel([("tags", ASCENDING)], name="tags"),
            IndexModel([("folder", ASCENDING)], name="folder"),
            UNRECORDED,
        ]
