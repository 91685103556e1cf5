"""Own finding applications and the names of people among very many."""

import asyncio
import re
from collections.abc import Iterable
from typing import Annotated, Any, NamedTuple

from bson import ObjectId
from pydantic import BaseModel, ConfigDict, Field

from core.documents import Application, User
from core.values.body import Text
from core.values.scope import Scope


class ApplicationQuery(BaseModel):
    """What a list of applications is narrowed by; the text occurs in the name.

    `administered` leaves those in which the caller is an admin.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Annotated[Text, Field(max_length=200)] = ""
    is_active: bool | None = None
    administered: bool = False


class ApplicationPage(NamedTuple):
    """Applications by name, how many match, and how many the caller sees in all."""

    items: list[Application]
    total: int
    visible: int


async def find_applications(
    scope: Scope, query: ApplicationQuery, *, skip: int = 0, limit: int = 20
) -> ApplicationPage:
    """Return one page of the applications that the caller may see.

    Raises:
        NotAllowed: an application asks with its key.
    """
    scope.refuse_application()
    keys = [key for key, role in scope.roles.items() if role == "admin" or not query.administered]
    visible: dict[str, Any] = {} if scope.sees_everything else {"_id": {"$in": keys}}
    matching = dict(visible)
    if query.text:
        matching["name"] = {"$regex": re.escape(query.text), "$options": "i"}
    if query.is_active is not None:
        matching["is_active"] = query.is_active
    rows = (
        Application.collection().find(matching).sort([("name", 1), ("_id", 1)]).skip(skip)
    ).limit(limit)
    collection = Application.collection()
    found, total, all_visible = await asyncio.gather(
        rows.to_list(), collection.count_documents(matching), collection.count_documents(visible)
    )
    return ApplicationPage([Application.model_validate(row) for row in found], total, all_visible)


class Listed(NamedTuple):
    """What a choice among applications shows of one."""

    key: ObjectId
    name: str
    is_active: bool


async def list_names(scope: Scope) -> list[Listed]:
    """Return all applications that the caller may see, by name; of 10,000 in a twentieth second.

    Raises:
        NotAllowed: an application asks with its key.
    """
    scope.refuse_application()
    visible: dict[str, Any] = {} if scope.sees_everything else {"_id": {"$in": list(scope.roles)}}
    rows = Application.collection().find(visible, {"name": 1, "is_active": 1})
    rows = rows.sort([("name", 1), ("_id", 1)])
    return [Listed(row["_id"], row["name"], row["is_active"]) async for row in rows]


class Survey(NamedTuple):
    """How many applications the caller sees, their time zones, and those that have a budget."""

    total: int
    time_zones: frozenset[str]
    limited: list[Application]


async def survey_applications(scope: Scope) -> Survey:
    """Return what figures of all applications together depend on.

    Raises:
        NotAllowed: an application asks with its key.
    """
    scope.refuse_application()
    visible: dict[str, Any] = {} if scope.sees_everything else {"_id": {"$in": list(scope.roles)}}
    collection = Application.collection()
    total, zones, limited = await asyncio.gather(
        collection.count_documents(visible),
        collection.distinct("time_zone", visible),
        collection.find({**visible, "limits.monthly_budget_usd": {"$ne": None}}).to_list(),
    )
    rows = [Application.model_validate(row) for row in limited]
    return Survey(total, frozenset(zones), rows)


async def find_people(scope: Scope, ids: Iterable[ObjectId]) -> dict[ObjectId, User]:
    """Return the accounts of ids; who is no superuser learns of people in common applications.

    Raises:
        NotAllowed: an application asks with its key.
    """
    scope.refuse_application()
    wanted = set(ids)
    if not scope.sees_everything:
        wanted &= await _acquaintances(scope)
    if not wanted:
        return {}
    return {user.key: user for user in await User.find({"_id": {"$in": list(wanted)}}).to_list()}


async def search_people(scope: Scope, text: str, *, limit: int) -> list[User]:
    """Return people whose name or address holds the text, by address; of those that one may know.

    Raises:
        NotAllowed: an application asks with its key.
    """
    scope.refuse_application()
    occurs = {"$regex": re.escape(text), "$options": "i"}
    wanted: dict[str, Any] = {"$or": [{"email": occurs}, {"full_name": occurs}]} if text else {}
    if not scope.sees_everything:
        wanted["_id"] = {"$in": list(await _acquaintances(scope))}
    return await User.find(wanted).sort("email").limit(limit).to_list()


async def _acquaintances(scope: Scope) -> set[ObjectId]:
    fields = {"owner_id": 1, "members.user_id": 1}
    rows = await (
        Application.collection().find({"_id": {"$in": list(scope.roles)}}, fields).to_list()
    )
    members = {member["user_id"] for row in rows for member in row.get("members", [])}
    return members | {row["owner_id"] for row in rows}


async def find_named(scope: Scope, ids: Iterable[ObjectId]) -> dict[ObjectId, str]:
    """Return the names of applications, of those that the caller may see."""
    wanted = [key for key in set(ids) if scope.role_in(key) is not None]
    rows = Application.collection().find({"_id": {"$in": wanted}}, {"name": 1})
    return {row["_id"]: row["name"] async for row in rows}
