"""Own the library's lists: a scoped, filtered, sorted page of prompts, and what to filter by."""

import asyncio
import re
from typing import Any, Literal, NamedTuple

from bson import ObjectId
from pydantic import BaseModel, ConfigDict, Field
from pymongo import ASCENDING, DESCENDING

from core.documents import Prompt
from core.documents.prompt import BY_LETTER
from core.prompts.naming import check_label
from core.values.body import Text
from core.values.ids import Id
from core.values.scope import Scope
from prompthub.wire.literals import PromptState

MAX_WORDS = 12
# Longer lists of tags are no help in a row of filters.
MAX_FACETS = 50
# More are changed at once by the REST API or the command line.
MAX_MARKS = 20_000
_ORDER = {
    "updated": [("updated_at", DESCENDING), ("_id", DESCENDING)],
    "name": [("name", ASCENDING), ("_id", ASCENDING)],
}


class PromptQuery(BaseModel):
    """What a list of prompts is narrowed by; every word of `text` must occur somewhere."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Text = Field(default="", max_length=500)
    application_id: Id | None = None
    tags: tuple[Text, ...] = ()
    folder: Text | None = None
    state: PromptState | None = None
    label: str | None = None
    sort: Literal["updated", "name"] = "updated"


class PromptPage(NamedTuple):
    """Prompts in order, and how many match in all."""

    items: list[Prompt]
    total: int


class PromptMark(NamedTuple):
    """What a prompt is known by in a long list, and what decides what may be done to it."""

    key: ObjectId
    prompt_id: str
    name: str
    application_id: ObjectId
    is_active: bool
    is_served: bool

    @classmethod
    def of(cls, prompt: Prompt) -> "PromptMark":
        """Return the mark of a prompt."""
        return cls(
            prompt.key,
            prompt.prompt_id,
            prompt.name,
            prompt.application_id,
            prompt.is_active,
            prompt.current_version is not None,
        )


class Facets(NamedTuple):
    """What can be filtered by: tags with counts (most used first), folders, labels."""

    tags: list[tuple[str, int]]
    folders: list[str]
    labels: list[str]


async def list_prompts(scope: Scope, query: PromptQuery, *, skip: int, limit: int) -> PromptPage:
    """Return a page of the prompts that the caller may see, without their `search_text`.

    Raises:
        NotFound: the application named is not the caller's.
        NotAllowed: an application asks with its key; drafts are searched too.
        Invalid: the label is not written as one.
    """
    found = Prompt.collection().find(_filter(scope, query), {"search_text": 0})
    page = found.sort(_ORDER[query.sort]).skip(skip).limit(limit)
    if query.sort == "name":
        page = page.collation(BY_LETTER)
    rows, total = await asyncio.gather(page.to_list(), count_prompts(scope, query))
    return PromptPage([Prompt.model_validate(row) for row in rows], total)


async def list_marks(scope: Scope, query: PromptQuery) -> list[PromptMark]:
    """Return all prompts that match, `MAX_MARKS` at most, without what only rows show.

    Raises:
        NotFound: the application named is not the caller's.
        NotAllowed: an application asks with its key; drafts are searched too.
        Invalid: the label is not written as one.
    """
    names = ("prompt_id", "name", "application_id", "is_active", "current_version")
    found = Prompt.collection().find(_filter(scope, query), dict.fromkeys(names, 1))
    return [
        PromptMark(
            row["_id"],
            row["prompt_id"],
            row["name"],
            row["application_id"],
            row["is_active"],
            row.get("current_version") is not None,
        )
        async for row in found.sort(_ORDER["updated"]).limit(MAX_MARKS)
    ]


async def count_prompts(scope: Scope, query: PromptQuery) -> int:
    """Return how many prompts that the caller may see match.

    Raises:
        NotFound: the application named is not the caller's.
        NotAllowed: an application asks with its key; drafts are searched too.
        Invalid: the label is not written as one.
    """
    return await Prompt.collection().count_documents(_filter(scope, query))


def _filter(scope: Scope, query: PromptQuery) -> dict[str, Any]:
    scope.refuse_application()
    parts: list[dict[str, Any]] = [scope.visible(), _state(query.state)]
    if query.application_id is not None:
        application_id = ObjectId(query.application_id)
        scope.require("viewer", application_id, kind="application", key=str(application_id))
        parts.append({"application_id": application_id})
    if query.tags:
        parts.append({"tags": {"$all": list(query.tags)}})
    if query.folder is not None:
        parts.append({"folder": {"$regex": f"^{re.escape(query.folder)}(/|$)"}})
    if query.label is not None:
        parts.append({f"labels.{check_label(query.label)}": {"$exists": True}})
    parts += [_occurs(word) for word in query.text.split()[:MAX_WORDS]]
    return {"$and": [part for part in parts if part]} if any(parts) else {}


def _state(state: PromptState | None) -> dict[str, Any]:
    match state:
        case None:
            return {"is_active": True}
        case "inactive":
            return {"is_active": False}
        case "published":
            return {"is_active": True, "current_version": {"$ne": None}}
        case "draft":
            return {"is_active": True, "current_version": None}


def _occurs(word: str) -> dict[str, Any]:
    """Match a word anywhere in the short fields, or in the text of the newest version.

    The text is stored case-folded, which makes its scan several times quicker than ignoring case.
    """
    anywhere = {"$regex": re.escape(word), "$options": "i"}
    short = ({name: anywhere} for name in ("name", "prompt_id", "tags", "folder", "description"))
    return {"$or": [*short, {"search_text": {"$regex": re.escape(word.casefold())}}]}


async def list_facets(scope: Scope, application_id: ObjectId | None = None) -> Facets:
    """Return the tags, folders and labels in use among the caller's active prompts.

    Raises:
        NotFound: the application named is not the caller's.
        NotAllowed: an application asks with its key; drafts are searched too.
    """
    visible = _filter(scope, PromptQuery(application_id=application_id))
    pipeline: list[dict[str, Any]] = [
        {"$match": visible},
        {
            "$facet": {
                "tags": [
                    {"$unwind": "$tags"},
                    {"$sortByCount": "$tags"},
                    {"$limit": MAX_FACETS},
                ],
                "folders": [{"$match": {"folder": {"$ne": ""}}}, {"$sortByCount": "$folder"}],
                "labels": [
                    {"$project": {"label": {"$objectToArray": "$labels"}}},
                    {"$unwind": "$label"},
                    {"$sortByCount": "$label.k"},
                ],
            }
        },
    ]
    cursor = await Prompt.collection().aggregate(pipeline)
    row = (await cursor.to_list())[0]
    return Facets(
        tags=[(tag["_id"], tag["count"]) for tag in row["tags"]],
        folders=sorted(folder["_id"] for folder in row["folders"]),
        labels=[label["_id"] for label in row["labels"]],
    )
