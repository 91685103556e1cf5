"""Own making prompts of what was found: each a draft that keeps where it came from."""

from datetime import timedelta
from typing import Any, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field
from pymongo.errors import DuplicateKeyError

from core import clock
from core.documents import Prompt, PromptSource, SourceText
from core.errors import Conflict, Invalid, PromptHubError, TooLarge
from core.extraction.description import described_fields, find_said
from core.extraction.markers import to_template
from core.extraction.propose import MAX_CHARACTERS, Proposal
from core.extraction.sources import page_of, read_text
from core.prompts.catalogue import NewPrompt, create_prompt
from core.prompts.naming import Description, Folder, Name, Tags
from core.prompts.versions import NewVersion, save_version
from core.templates.variables import find_variables
from core.values.body import MAX_CONTENT_BYTES, Text, VersionBody
from core.values.fields import RequiredField
from core.values.scope import Scope

MAX_AT_ONCE: Final = 100
# Whoever has not made the prompt by then has died over it.
CLAIM: Final = timedelta(minutes=1)

Outcome = Literal["created", "existing", "refused"]


class Chosen(BaseModel):
    """A stretch of a source that shall become a prompt; without `content`, as it was found."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: int = Field(ge=0)
    end: int = Field(ge=1)
    name: Name
    prompt_id: str | None = None
    description: Description = ""
    folder: Folder = ""
    tags: Tags = ()
    content: Text | None = Field(default=None, min_length=1)


class Saved(NamedTuple):
    """What became of one choice; `problem` says why it was refused."""

    outcome: Outcome
    prompt_id: str = ""
    version: str = ""
    problem: PromptHubError | None = None


async def save_chosen(scope: Scope, source: SourceText, chosen: list[Chosen]) -> list[Saved]:
    """Make a draft of each choice; one that cannot be made is told of, the others go on.

    A stretch that was saved before, from the same source, is not saved again.

    Raises:
        NotAllowed: the caller is no editor.
    """
    key = str(source.key)
    scope.require("editor", source.application_id, kind="source", key=key)
    text = await read_text(source)
    saved: list[Saved] = []
    for one in chosen:
        try:
            saved.append(await _save(scope, source, text, one))
        except PromptHubError as error:
            saved.append(Saved("refused", problem=error))
    if any(one.outcome == "created" for one in saved):
        await SourceText.change_one({"_id": source.key}, {"is_saved": True})
    return saved


async def _save(scope: Scope, source: SourceText, text: str, chosen: Chosen) -> Saved:
    if not chosen.start < chosen.end <= len(text) or chosen.end - chosen.start > MAX_CHARACTERS:
        raise Invalid(
            "The stretch does not lie within the source.",
            field="proposals",
            remedy="Give the start and end of a proposal.",
        )
    claim = await _claim(scope, source, chosen)
    if claim.prompt_id is not None:
        return await _existing(claim)
    try:
        prompt, version = await _make(scope, source, text, chosen)
    except PromptHubError:
        await PromptSource.collection().delete_one({"_id": claim.key, "prompt_id": None})
        raise
    await PromptSource.change_one({"_id": claim.key}, {"prompt_id": prompt.key, "version": version})
    return Saved("created", prompt.prompt_id, version)


async def _claim(scope: Scope, source: SourceText, chosen: Chosen) -> PromptSource:
    """Return the row of this stretch: a new one, that of a prompt, or one left by a crash."""
    link = PromptSource(**_row(scope, source, chosen))
    try:
        return await link.insert()
    except DuplicateKeyError:
        place = {"source_id": source.key, "span_key": link.span_key}
    stale = {**place, "prompt_id": None, "updated_at": {"$lt": clock.now() - CLAIM}}
    there = await PromptSource.change_one(stale, {"created_by": scope.actor})
    there = there or await PromptSource.find_first({**place, "prompt_id": {"$ne": None}})
    if there is None:
        raise Conflict("This stretch is being saved just now; look again in a moment.")
    return there


def _row(scope: Scope, source: SourceText, chosen: Chosen) -> dict[str, Any]:
    proposals = (Proposal(*row) for row in source.found)
    found = next((one for one in proposals if one[:2] == (chosen.start, chosen.end)), None)
    page = page_of(source.pages, chosen.start)
    said = find_said(source, chosen.start, chosen.end)
    return {
        "application_id": source.application_id,
        "source_id": source.key,
        "source_type": source.source_type,
        "source_url": source.source_url,
        "content_digest": source.content_digest,
        "span_key": f"{chosen.start}-{chosen.end}",
        "spans": [{"page": page, "start": chosen.start, "end": chosen.end}],
        "extracted_by": source.extracted_by if found else "",
        "extraction_metadata": {
            "title": source.title,
            "kind": found.kind if found else None,
            "confidence": found.confidence if found else None,
            "described_by": said.by if said else None,
        },
        "created_by": scope.actor,
    }


async def _existing(claim: PromptSource) -> Saved:
    prompt = await Prompt.find_first({"_id": claim.prompt_id})
    return Saved("existing", prompt.prompt_id if prompt else "", claim.version)


async def _make(scope: Scope, source: SourceText, text: str, chosen: Chosen) -> tuple[Prompt, str]:
    body = _body(source, text, chosen)
    new = NewPrompt(
        application_id=source.application_id,
        name=chosen.name,
        prompt_id=chosen.prompt_id,
        description=chosen.description,
        folder=chosen.folder,
        tags=chosen.tags,
    )
    prompt = await create_prompt(scope, new)
    version = NewVersion(
        body=body,
        change_description=f"Found in {source.source_url or source.title or 'a pasted text'}"[
            :2000
        ],
        metadata={"source_id": str(source.key)},
    )
    saved = await save_version(scope, prompt, version)
    return prompt, saved.version.version


def _body(source: SourceText, text: str, chosen: Chosen) -> VersionBody:
    """Return the body of the draft, checked before a prompt is made for it.

    Raises:
        TemplateInvalid, TooLarge: the content is no template that can be saved.
    """
    is_wrapped = any(row[:2] == [chosen.start, chosen.end] and row[5] for row in source.found)
    template = to_template(text[chosen.start : chosen.end], is_wrapped=is_wrapped)
    content = template.content if chosen.content is None else chosen.content
    if len(content.encode()) > MAX_CONTENT_BYTES:
        raise TooLarge(
            f"The text is longer than {MAX_CONTENT_BYTES // 1024} KiB.",
            field="content",
            limit=MAX_CONTENT_BYTES,
        )
    said = find_said(source, chosen.start, chosen.end)
    known = {field.name: field for field in described_fields(said, template.fields)}
    names = find_variables(content, field="content")
    return VersionBody(
        content=content,
        required_fields=tuple(known.get(name) or RequiredField(name=name) for name in names),
    )
