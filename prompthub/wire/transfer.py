"""Own the shapes of files of prompts, of their import and of duplicates."""

from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field

from prompthub.wire.base import Answer, Id, Request
from prompthub.wire.versions import VersionBody

# Raised when older readers would misunderstand a file.
SCHEMA: Final = 1
MAX_PROMPTS: Final = 5_000

ImportOutcome = Literal["created", "changed", "unchanged", "refused"]


class ExportedVersion(Answer):
    """A version of a file; `checksum` is the SHA-256 of its body."""

    version: str
    checksum: str
    body: VersionBody
    is_published: bool
    change_description: str
    metadata: dict[str, Any]
    parent_version: str | None


class ExportedPrompt(Answer):
    """A prompt of a file with all its versions, oldest first."""

    prompt_id: str
    name: str
    description: str
    folder: str
    tags: list[str]
    default_model: str | None
    is_active: bool
    current_version: str | None
    labels: dict[str, str]
    versions: list[ExportedVersion]


class Export(Answer):
    """A file of prompts. It holds no secrets, people, times or ids of the database."""

    schema_number: int = Field(alias="schema")
    generator: str
    prompts: list[ExportedPrompt]


class ImportRequest(Request):
    """A file of prompts with where it shall go; the members of an export are taken as they are.

    `dry_run` answers what would happen and stores nothing. `move_labels` lets labels and `latest`
    that the target has already move to where the file has them.
    """

    model_config = ConfigDict(
        populate_by_name=True, frozen=True, extra="forbid", allow_inf_nan=False
    )

    application_id: Id
    prompts: Annotated[
        list[dict[str, Any]],
        Field(max_length=MAX_PROMPTS, description="As in an export; each is taken or refused."),
    ]
    dry_run: bool = False
    move_labels: bool = False
    schema_number: int = Field(default=SCHEMA, alias="schema")
    generator: str = ""


class ImportProblem(Answer):
    """Why a prompt is refused: the field within it, and what to do."""

    field: str
    code: str
    message: str
    remedy: str


class ImportItem(Answer):
    """What happened, or in a dry run would happen, to one prompt of the file.

    `labels` are those set or moved, `current_version` is what `latest` moves to, and `kept` names
    what the target has otherwise and keeps.
    """

    position: int
    prompt_id: str
    outcome: ImportOutcome
    versions_added: list[str]
    versions_published: list[str]
    labels: dict[str, str]
    current_version: str | None
    kept: list[str]
    problems: list[ImportProblem]


class ImportReport(Answer):
    """The outcome for each prompt of the file, in its order, and how many of each there are."""

    dry_run: bool
    created: int
    changed: int
    unchanged: int
    refused: int
    items: list[ImportItem]


class Duplication(Request):
    """The copy's own `prompt_id`, and its application and name where they shall differ."""

    prompt_id: str
    application_id: Id | None = None
    name: str | None = None
