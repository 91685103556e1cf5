"""Own the writing of a file of prompts, piece by piece, whatever its size."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final, NamedTuple

import orjson
from bson import ObjectId
from pydantic import BaseModel, ConfigDict

from core import audit
from core.documents import Application, Prompt, PromptVersion
from core.errors import NotFound
from core.prompts.naming import id_from_name
from core.transfer.entries import PromptEntry, VersionEntry
from core.values.ids import Id
from core.values.scope import Scope
from prompthub import __version__
from prompthub.wire.literals import PromptState
from prompthub.wire.transfer import SCHEMA

GENERATOR: Final = f"prompthub {__version__}"
# Versions read at once: 3 texts of 64 KiB each at most.
BATCH: Final = 20
_LEFT_OUT: Final = {"embedding": 0, "embedding_model": 0, "unrecorded": 0}
_OF_STATE: Final[Mapping[PromptState | None, dict[str, Any]]] = {
    None: {},
    "inactive": {"is_active": False},
    "published": {"is_active": True, "current_version": {"$ne": None}},
    "draft": {"is_active": True, "current_version": None},
}


class ExportQuery(BaseModel):
    """Which prompts of an application: all, those named, those in a state."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    application_id: Id
    prompt_ids: tuple[str, ...] = ()
    state: PromptState | None = None


class Export(NamedTuple):
    """A file about to be written: what it should be called, and its pieces."""

    name: str
    pieces: AsyncGenerator[bytes]


async def export_prompts(scope: Scope, query: ExportQuery) -> Export:
    """Return the file of the prompts asked for, ordered by id, each with all its versions.

    Raises:
        NotFound: the application, or a prompt that is named, is not there for the caller.
        NotAllowed: an application asks with its key.
    """
    application_id = ObjectId(query.application_id)
    scope.require("viewer", application_id, kind="application", key=str(application_id))
    scope.refuse_application()
    application = await Application.get(application_id)
    if application is None:
        raise NotFound("application", str(application_id))
    wanted: dict[str, Any] = {"application_id": application_id, **_OF_STATE[query.state]}
    if query.prompt_ids:
        await _check_there(application_id, query.prompt_ids)
        wanted["prompt_id"] = {"$in": list(query.prompt_ids)}
    await audit.record(
        scope,
        "prompts.export",
        f"application:{application_id}",
        application_id=application_id,
        after={"prompt_ids": list(query.prompt_ids), "state": query.state},
    )
    return Export(f"{id_from_name(application.name)}-prompts.json", _write(wanted))


async def _check_there(application_id: ObjectId, prompt_ids: tuple[str, ...]) -> None:
    there = await Prompt.collection().distinct("prompt_id", {"application_id": application_id})
    for prompt_id in prompt_ids:
        if prompt_id not in there:
            raise NotFound("prompt", prompt_id)


async def _write(wanted: dict[str, Any]) -> AsyncGenerator[bytes]:
    head = orjson.dumps({"schema": SCHEMA, "generator": GENERATOR})
    yield head[:-1] + b',"prompts":['
    before = b"\n"
    cursor = Prompt.collection().find(wanted, {"search_text": 0}).sort("prompt_id")
    async for row in cursor:
        async for piece in _write_prompt(Prompt.model_validate(row)):
            yield before + piece
            before = b""
        before = b",\n"
    yield b"\n]}\n"


async def _write_prompt(prompt: Prompt) -> AsyncGenerator[bytes]:
    said = {one: getattr(prompt, one) for one in PromptEntry.model_fields if one != "versions"}
    said["labels"] = dict(sorted(prompt.labels.items()))  # stored as they came
    yield orjson.dumps(said)[:-1] + b',"versions":['
    before = b"\n"
    alive = {"prompt_id": prompt.key, "deleted_at": None}
    cursor = PromptVersion.collection().find(alive, _LEFT_OUT).sort("sequence").batch_size(BATCH)
    async for row in cursor:
        version = _entry_of(PromptVersion.model_validate(row))
        yield before + orjson.dumps(version.model_dump(mode="json"))
        before = b",\n"
    yield b"]}"


def _entry_of(version: PromptVersion) -> VersionEntry:
    return VersionEntry.model_construct(
        version=version.version,
        checksum=version.checksum,
        body=version.body,
        is_published=version.is_published,
        change_description=version.change_description,
        metadata=version.metadata,
        parent_version=version.parent_version,
    )
