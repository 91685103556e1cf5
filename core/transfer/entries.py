"""Own the format of a file of prompts, and the reading of one prompt of it.

Nothing in it names people, times or ids of the database: the same library gives the same file.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from core.errors import Invalid
from core.prompts.labels import MAX_LABELS
from core.prompts.naming import Description, Folder, Name, Tags, check_label, check_prompt_id
from core.transfer.outcome import Refusal
from core.values.body import ModelName, Text, VersionBody
from core.values.semver import SemVer

MAX_VERSIONS: Final = 1_000
# More would not be read; the first ones tell what is wrong with the file.
MAX_PROBLEMS: Final = 10
# Keys of a client's own may stand in the place of an error.
MAX_PLACE_CHARS: Final = 200


def _number(text: str) -> str:
    try:
        return str(SemVer.parse(text))
    except Invalid as error:
        raise ValueError(error.message) from None


Number = Annotated[str, AfterValidator(_number)]


class VersionEntry(BaseModel):
    """A version of a file; a `checksum` that is given must be that of the body."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Number
    checksum: str | None = None
    body: VersionBody
    is_published: bool = False
    change_description: Text = Field(default="", max_length=2000)
    metadata: dict[str, Any] = Field(default_factory=dict[str, Any])
    parent_version: Number | None = None


class PromptEntry(BaseModel):
    """A prompt of a file with all its versions, oldest first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt_id: str
    name: Name
    description: Description = ""
    folder: Folder = ""
    tags: Tags = ()
    default_model: ModelName | None = None
    is_active: bool = True
    current_version: Number | None = None
    labels: dict[str, Number] = Field(default_factory=dict[str, str], max_length=MAX_LABELS)
    versions: tuple[VersionEntry, ...] = Field(default=(), max_length=MAX_VERSIONS)

    def as_drafts(self) -> "PromptEntry":
        """Return the same with nothing published, labelled or served."""
        drafts = tuple(one.model_copy(update={"is_published": False}) for one in self.versions)
        return self.model_copy(update={"versions": drafts, "labels": {}, "current_version": None})

    def find_version(self, number: str) -> VersionEntry | None:
        """Return the version of a number."""
        return next((one for one in self.versions if one.version == number), None)


def read_entry(raw: object) -> PromptEntry | tuple[Refusal, ...]:
    """Return one prompt of a file, or what is wrong with it."""
    try:
        entry = PromptEntry.model_validate(raw)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        return tuple(_broken(one["loc"], one["msg"]) for one in found[:MAX_PROBLEMS])
    return tuple(_inconsistencies(entry))[:MAX_PROBLEMS] or entry


def _broken(place: tuple[int | str, ...], message: str) -> Refusal:
    field = ".".join(map(str, place))[:MAX_PLACE_CHARS]
    return Refusal(field, Invalid.code, f"{message}.", "See the format in docs/http-api.md.")


def _inconsistencies(entry: PromptEntry) -> Iterator[Refusal]:
    try:
        check_prompt_id(entry.prompt_id)
        for label in entry.labels:
            check_label(label)
    except Invalid as error:
        yield Refusal.of(error, "")
    counted = Counter(one.version for one in entry.versions)
    for number in (number for number, times in counted.items() if times > 1):
        yield _wrong("versions", f"The number {number} stands twice.", "Remove one of them.")
    for position, version in enumerate(entry.versions):
        yield from _wrong_version(f"versions.{position}", version)
    pointers = {f"labels.{name}": number for name, number in entry.labels.items()}
    if entry.current_version is not None:
        pointers["current_version"] = entry.current_version
    for place, number in pointers.items():
        target = entry.find_version(number)
        if target is None or not target.is_published:
            why = "is not in the file" if target is None else "is a draft"
            yield _wrong(place, f"Version {number} {why}.", "Name a published version of the file.")


def _wrong_version(place: str, version: VersionEntry) -> Iterator[Refusal]:
    if version.checksum not in (None, version.body.checksum()):
        yield _wrong(
            f"{place}.checksum",
            f"The body of version {version.version} was changed after the file was written.",
            "Export it again; or remove the checksum if you mean the change.",
        )
    moving = [one.version for one in version.body.dependencies if not one.version[:1].isdigit()]
    if version.is_published and moving:
        yield _wrong(
            f"{place}.body.dependencies",
            f"The published version {version.version} is made of {moving[0]}, which can move.",
            "Name the version it is made of by its number.",
        )


def _wrong(field: str, message: str, remedy: str) -> Refusal:
    return Refusal(field, Invalid.code, message, remedy)
