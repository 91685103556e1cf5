"""Own what was published when, and what the prompts of a list are called."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple

from bson import ObjectId

from core.documents import Prompt, PromptVersion
from core.values.scope import Scope

# The newest publishes that are looked at; a chart shows fewer.
MAX_PUBLISHES: Final = 2_000


class Publish(NamedTuple):
    """A version that was published, by the readable id and the name of its prompt."""

    application_id: ObjectId
    prompt_id: str
    name: str
    version: str
    published_at: datetime


async def list_publishes(
    scope: Scope,
    start: datetime,
    end: datetime,
    *,
    application_id: ObjectId | None = None,
    prompt_id: str | None = None,
) -> list[Publish]:
    """Return what was published from `start` to before `end` of what the caller may see.

    Newest first, `MAX_PUBLISHES` at most.
    """
    match: dict[str, Any] = {"published_at": {"$gte": start, "$lt": end}, "deleted_at": None}
    owners = None if application_id is None else [application_id]
    if prompt_id is not None:
        match["prompt_id"] = {"$in": list(await _prompts(scope, owners, [prompt_id]))}
    found = PromptVersion.collection().find(
        match, {"prompt_id": 1, "version": 1, "published_at": 1}
    )
    rows = await found.sort("published_at", -1).limit(MAX_PUBLISHES).to_list()
    keys = {row["prompt_id"] for row in rows}
    known = await _prompts(scope, owners, None, keys=keys)
    return [
        Publish(*known[row["prompt_id"]], version=row["version"], published_at=row["published_at"])
        for row in rows
        if row["prompt_id"] in known
    ]


async def find_names(
    scope: Scope, prompts: Collection[tuple[ObjectId, str]]
) -> dict[tuple[ObjectId, str], str]:
    """Return the names of prompts by application and readable id, of those that are left."""
    owners = {application_id for application_id, _ in prompts}
    found = await _prompts(scope, owners, list({prompt_id for _, prompt_id in prompts}))
    names = {(one.application_id, one.prompt_id): one.name for one in found.values()}
    return {key: name for key, name in names.items() if key in prompts}


class _Named(NamedTuple):
    application_id: ObjectId
    prompt_id: str
    name: str


async def _prompts(
    scope: Scope,
    owners: Collection[ObjectId] | None,
    prompt_ids: list[str] | None,
    *,
    keys: Iterable[ObjectId] | None = None,
) -> dict[ObjectId, _Named]:
    scope.refuse_application()
    parts: list[dict[str, Any]] = [scope.visible()]
    if owners is not None:
        parts.append({"application_id": {"$in": list(owners)}})
    if prompt_ids is not None:
        parts.append({"prompt_id": {"$in": prompt_ids}})
    if keys is not None:
        parts.append({"_id": {"$in": list(keys)}})
    rows = Prompt.collection().find(
        {"$and": [part for part in parts if part]},
        {"application_id": 1, "prompt_id": 1, "name": 1},
    )
    return {
        row["_id"]: _Named(row["application_id"], row["prompt_id"], row["name"])
        async for row in rows
    }
