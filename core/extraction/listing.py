"""Own the lists of extraction: the sources of the caller, and what was saved from one."""

import asyncio
import re
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, NamedTuple

from bson import ObjectId
from pymongo import DESCENDING

from core.documents import Prompt, PromptSource, SourceText
from core.values.scope import Scope
from prompthub.wire.literals import SourceType

MAX_WORDS: Final = 12


class TakenSource(NamedTuple):
    """A source as a list shows it, without its text."""

    key: ObjectId
    application_id: ObjectId
    source_type: SourceType
    source_url: str
    title: str
    characters: int
    found: int
    saved: int
    fetched_at: datetime
    created_by: str


class SourcePage(NamedTuple):
    """Sources, those read last first, and how many match in all."""

    items: list[TakenSource]
    total: int


class SavedSpan(NamedTuple):
    """A stretch that became a prompt; `prompt_id` is empty where that is gone."""

    start: int
    end: int
    prompt_id: str
    name: str
    version: str
    created_by: str


async def list_taken(
    scope: Scope, *, application_id: ObjectId | None = None, text: str = "", skip: int, limit: int
) -> SourcePage:
    """Return a page of the sources the caller may read; words occur in the title or the address.

    Raises:
        NotFound: the application named is not the caller's.
        NotAllowed: an application asks with its key.
    """
    scope.refuse_application()
    parts = [scope.visible()]
    if application_id is not None:
        scope.require("viewer", application_id, kind="application", key=str(application_id))
        parts.append({"application_id": application_id})
    parts += [_occurs(word) for word in text.split()[:MAX_WORDS]]
    query: dict[str, Any] = {"$and": [part for part in parts if part]} if any(parts) else {}
    pipeline: list[dict[str, Any]] = [
        {"$match": query},
        {"$sort": {"fetched_at": DESCENDING, "_id": DESCENDING}},
        {"$skip": skip},
        {"$limit": limit},
        # Neither the texts nor the proposals come along, only how many there are.
        {"$addFields": {"number": {"$size": "$found"}}},
        {"$project": {"packed": 0, "found": 0, "pages": 0}},
    ]
    cursor, total = await asyncio.gather(
        SourceText.collection().aggregate(pipeline), SourceText.collection().count_documents(query)
    )
    rows = await cursor.to_list()
    saved = await _count_saved([row["_id"] for row in rows])
    return SourcePage([_taken(row, saved.get(row["_id"], 0)) for row in rows], total)


async def list_saved(scope: Scope, source: SourceText) -> list[SavedSpan]:
    """Return which stretches of a source were saved, by anybody, in the order of the source.

    Raises:
        NotFound, NotAllowed: the source is not the caller's to read.
    """
    scope.refuse_application()
    scope.require("viewer", source.application_id, kind="source", key=str(source.key))
    own = {"source_id": source.key, "prompt_id": {"$ne": None}}
    rows = await PromptSource.collection().find(own).to_list()
    names = {"prompt_id": 1, "name": 1}
    found = Prompt.collection().find({"_id": {"$in": [row["prompt_id"] for row in rows]}}, names)
    prompts = {row["_id"]: row async for row in found}
    saved: list[SavedSpan] = []
    for row in rows:
        prompt = prompts.get(row["prompt_id"], {})
        span = row["spans"][0]
        saved.append(
            SavedSpan(
                start=span["start"],
                end=span["end"],
                prompt_id=prompt.get("prompt_id", ""),
                name=prompt.get("name", ""),
                version=row["version"],
                created_by=row["created_by"],
            )
        )
    return sorted(saved)


async def still_there(keys: Collection[ObjectId]) -> set[ObjectId]:
    """Return which of these sources are still stored."""
    if not keys:
        return set()
    found = SourceText.collection().find({"_id": {"$in": list(keys)}}, {"_id": 1})
    return {row["_id"] async for row in found}


async def _count_saved(keys: list[ObjectId]) -> dict[ObjectId, int]:
    pipeline: list[dict[str, Any]] = [
        {"$match": {"source_id": {"$in": keys}, "prompt_id": {"$ne": None}}},
        {"$group": {"_id": "$source_id", "number": {"$sum": 1}}},
    ]
    cursor = await PromptSource.collection().aggregate(pipeline)
    return {row["_id"]: row["number"] async for row in cursor}


def _occurs(word: str) -> dict[str, Any]:
    anywhere = {"$regex": re.escape(word), "$options": "i"}
    return {"$or": [{"title": anywhere}, {"source_url": anywhere}]}


def _taken(row: dict[str, Any], saved: int) -> TakenSource:
    return TakenSource(
        key=row["_id"],
        application_id=row["application_id"],
        source_type=row["source_type"],
        source_url=row["source_url"],
        title=row["title"],
        characters=row["characters"],
        found=row["number"],
        saved=saved,
        fetched_at=row["fetched_at"],
        created_by=row["created_by"],
    )
