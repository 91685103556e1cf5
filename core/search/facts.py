"""Own what the index knows of prompts, versions and chunks, as it is read from the database."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from bson import ObjectId

from core.search.masking import digest_of
from core.search.postings import weigh_terms
from core.search.words import terms_of

# What tells that a stored document is another than the one read before.
Stamp = tuple[datetime | int | None, ...]

PROMPT_FIELDS: Final = {"search_text": 0, "created_by": 0, "default_model": 0, "created_at": 0}
VERSION_FIELDS: Final = {
    "prompt_id": 1,
    "version": 1,
    "sequence": 1,
    "checksum": 1,
    "content": 1,
    "system_prompt": 1,
    "deleted_at": 1,
    "revision": 1,
    "updated_at": 1,
}
CHUNK_FIELDS: Final = {
    "prompt_version_id": 1,
    "kind": 1,
    "span_start": 1,
    "span_end": 1,
    "vector": 1,
    "updated_at": 1,
    "deleted_at": 1,
}


class PromptFacts(NamedTuple):
    """What a prompt is filtered and named by."""

    key: ObjectId
    application_id: ObjectId
    prompt_id: str
    name: str
    description: str
    folder: str
    tags: frozenset[str]
    labels: frozenset[str]
    is_active: bool
    current_version: str | None
    stamp: Stamp


class VersionFacts(NamedTuple):
    """What a version is told by; `digest` stands for its text with the variables masked."""

    key: ObjectId
    prompt_key: ObjectId
    number: str
    sequence: int
    checksum: str
    digest: bytes
    stamp: Stamp


class Named(NamedTuple):
    """The terms of a prompt's name, and those of its id, folder and tags that are not in it."""

    title: list[str]
    beside: list[str]


class VersionText(NamedTuple):
    """A version with the weight of each term in it."""

    facts: VersionFacts
    terms: Counter[str]


class Chunk(NamedTuple):
    """A vector of a version as stored, and where its piece stands in the version's text."""

    key: ObjectId
    version_key: ObjectId
    is_title: bool
    start: int
    end: int
    vector: bytes
    stamp: Stamp


def prompt_stamp(row: Mapping[str, Any]) -> Stamp:
    """Return the stamp of a stored prompt; a save of a version raises no revision."""
    return (row["updated_at"], row["revision"], row.get("newest_sequence", 0))


def version_stamp(row: Mapping[str, Any]) -> Stamp:
    """Return the stamp of a stored version."""
    return (row["updated_at"], row["revision"])


def chunk_stamp(row: Mapping[str, Any]) -> Stamp:
    """Return the stamp of a stored chunk."""
    return (row["updated_at"],)


def read_prompt(row: Mapping[str, Any]) -> PromptFacts:
    """Return the facts of a stored prompt."""
    return PromptFacts(
        key=row["_id"],
        application_id=row["application_id"],
        prompt_id=row["prompt_id"],
        name=row["name"],
        description=row.get("description", ""),
        folder=row.get("folder", ""),
        tags=frozenset(row.get("tags", ())),
        labels=frozenset(row.get("labels", ())),
        is_active=row.get("is_active", True),
        current_version=row.get("current_version"),
        stamp=prompt_stamp(row),
    )


def read_version(row: Mapping[str, Any], prompt: PromptFacts) -> VersionText:
    """Return a stored version with its words; it computes, so call it in a thread."""
    text = searched_text(row)
    facts = VersionFacts(
        key=row["_id"],
        prompt_key=row["prompt_id"],
        number=row["version"],
        sequence=row["sequence"],
        checksum=row["checksum"],
        digest=digest_of(text),
        stamp=version_stamp(row),
    )
    named = named_by(prompt)
    body = [*terms_of(f"{text}\n{prompt.description}"), *named.beside]
    return VersionText(facts, weigh_terms(named.title, body))


def named_by(prompt: PromptFacts) -> Named:
    """Return the terms that a prompt is found by, whatever its versions say.

    Its id mostly repeats the name, and what stands in a name needs no second word for it.
    """
    title = terms_of(prompt.name)
    other = terms_of(" ".join([prompt.prompt_id, prompt.folder, *sorted(prompt.tags)]))
    return Named(title, [term for term in dict.fromkeys(other) if term not in title])


def searched_text(row: Mapping[str, Any]) -> str:
    """Return the text that spans of chunks are in, as `PromptVersion.searched_text` does."""
    system = row.get("system_prompt", "")
    return f"{row['content']}\n{system}" if system else row["content"]


def read_chunk(row: Mapping[str, Any]) -> Chunk:
    """Return a stored chunk."""
    return Chunk(
        key=row["_id"],
        version_key=row["prompt_version_id"],
        is_title=row["kind"] == "title",
        start=row["span_start"],
        end=row["span_end"],
        vector=row["vector"],
        stamp=chunk_stamp(row),
    )
