"""Own comparisons as named things: create, find again, rename, delete."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Final, NamedTuple

from bson import ObjectId
from pydantic import BaseModel, ConfigDict, Field
from pymongo import DESCENDING

from core import audit
from core.accounts.applications import get_application
from core.documents import Column, Comparison
from core.errors import Invalid, NotAllowed, NotFound, TooLarge
from core.prompts.naming import Name
from core.settings import ExecutionSettings
from core.values.ids import Id
from core.values.scope import Scope
from core.values.storable import check_storable
from prompthub.wire.literals import Role

MAX_COLUMNS: Final = 8
MAX_INPUTS: Final = 50
MAX_REPETITIONS: Final = 10
# What a list shows of each; bodies, inputs and cells can be megabytes.
_SUMMARY: Final[Mapping[str, Any]] = {
    "name": 1,
    "application_id": 1,
    "created_by": 1,
    "created_at": 1,
    "updated_at": 1,
    "repetitions": 1,
    "columns": {"$size": "$columns"},
    "models": "$columns.model",
    "inputs": {"$size": "$inputs"},
}


class NewComparison(BaseModel):
    """Columns to be compared over one or more inputs, which are values of the variables.

    Inputs are kept whatever the application's log keeps: they are saved on purpose.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    application_id: Id
    name: Name
    columns: tuple[Column, ...] = Field(min_length=1, max_length=MAX_COLUMNS)
    inputs: tuple[dict[str, Any], ...] = Field(default=({},), min_length=1, max_length=MAX_INPUTS)
    repetitions: Annotated[int, Field(strict=True, ge=1, le=MAX_REPETITIONS)] = 1


class ComparisonChanges(BaseModel):
    """What of a comparison can change; other columns or inputs are another comparison."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name


class ComparisonSummary(NamedTuple):
    """A comparison in a list, with how many columns and inputs it has.

    `models` are those that the columns name; a column can leave it to its version.
    """

    key: ObjectId
    application_id: ObjectId
    name: str
    created_by: str
    created_at: datetime
    updated_at: datetime
    columns: int
    inputs: int
    repetitions: int
    models: list[str]


class ComparisonPage(NamedTuple):
    """Comparisons newest first, and how many there are in all."""

    items: list[ComparisonSummary]
    total: int


async def create_comparison(
    scope: Scope, new: NewComparison, *, limits: ExecutionSettings
) -> Comparison:
    """Store a comparison that has not run yet; its key is the link to share.

    Raises:
        NotFound: the application does not exist or is not the caller's.
        NotAllowed: the caller is no editor there, or no person.
        Invalid: a column says nothing to run, or something cannot be stored.
        TooLarge: it has more cells than the setting allows, or is too long to be stored.
    """
    _require(scope, "editor", new.application_id, str(new.application_id), kind="application")
    await get_application(scope, new.application_id)
    _check(new, limits)
    comparison = Comparison(
        application_id=ObjectId(new.application_id),
        name=new.name,
        created_by=scope.actor,
        columns=list(new.columns),
        inputs=list(new.inputs),
        repetitions=new.repetitions,
    )
    return await comparison.insert()


def _check(new: NewComparison, limits: ExecutionSettings) -> None:
    for at, column in enumerate(new.columns):
        field = f"columns.{at}"
        if column.prompt_id is None and column.body is None:
            raise Invalid(
                "A column has nothing to run.",
                field=field,
                remedy="Name a prompt or give a body.",
            )
        check_storable(column.model_dump(mode="json"), field=field)
    check_storable(list(new.inputs), field="inputs")
    cells = len(new.columns) * len(new.inputs) * new.repetitions
    if cells > limits.comparison_cells:
        raise TooLarge(
            f"{cells} executions are more than the {limits.comparison_cells} of one comparison.",
            field="inputs",
            limit=limits.comparison_cells,
        )


async def get_comparison(scope: Scope, comparison_id: ObjectId) -> Comparison:
    """Return one comparison.

    Raises:
        NotFound: there is none, or it is of an application the caller cannot see.
        NotAllowed: the caller is no person.
    """
    found = await Comparison.find_one({"_id": comparison_id, **scope.visible()})
    if found is None:
        raise NotFound("comparison", str(comparison_id))
    _require(scope, "viewer", found.application_id, str(comparison_id))
    return found


async def list_comparisons(
    scope: Scope, application_id: ObjectId, *, name: str = "", skip: int = 0, limit: int = 20
) -> ComparisonPage:
    """Return a page of an application's comparisons, newest first; `name` is a part of theirs.

    Raises:
        NotFound: the application is not visible.
        NotAllowed: the caller is no person.
    """
    _require(scope, "viewer", application_id, str(application_id), kind="application")
    wanted: dict[str, Any] = {"application_id": application_id}
    if name:
        wanted["name"] = {"$regex": re.escape(name), "$options": "i"}
    rows = await Comparison.collection().aggregate(
        [
            {"$match": wanted},
            {"$sort": {"created_at": -1, "_id": -1}},
            {"$skip": skip},
            {"$limit": limit},
            {"$project": _SUMMARY},
        ]
    )
    items = [_summary(row) async for row in rows]
    return ComparisonPage(items, await Comparison.find(wanted).count())


async def find_compared_last(scope: Scope, applications: Iterable[ObjectId]) -> ObjectId | None:
    """Return which of the applications has the newest comparison, None where none has any.

    Raises:
        NotFound: one of the applications is not visible.
        NotAllowed: the caller is no person.
    """
    keys = list(applications)
    for key in keys:
        _require(scope, "viewer", key, str(key), kind="application")
    row = await Comparison.collection().find_one(
        {"application_id": {"$in": keys}},
        {"application_id": 1},
        sort=[("created_at", DESCENDING), ("_id", DESCENDING)],
    )
    return row["application_id"] if row else None


def _summary(row: dict[str, Any]) -> ComparisonSummary:
    models: list[str | None] = row.pop("models")
    named = list(dict.fromkeys(model for model in models if model))
    return ComparisonSummary(key=row.pop("_id"), models=named, **row)


async def rename_comparison(
    scope: Scope, comparison: Comparison, changes: ComparisonChanges
) -> Comparison:
    """Give a comparison another name and return it as it is now.

    Raises:
        NotAllowed: the caller is no editor.
        NotFound: it is not visible, or was deleted.
    """
    require_editor(scope, comparison)
    after = await Comparison.change_one({"_id": comparison.key}, {"name": changes.name})
    if after is None:
        raise NotFound("comparison", str(comparison.key))
    return after


async def delete_comparison(scope: Scope, comparison: Comparison) -> None:
    """Forget a comparison; its executions stay in the log.

    Raises:
        NotAllowed: the caller is no editor.
        NotFound: it is not visible, or was deleted.
    """
    require_editor(scope, comparison)
    deleted = await Comparison.collection().delete_one({"_id": comparison.key})
    if not deleted.deleted_count:
        raise NotFound("comparison", str(comparison.key))
    await audit.record(
        scope,
        "comparison.delete",
        f"comparison:{comparison.key}",
        application_id=comparison.application_id,
        before={"name": comparison.name},
    )


def require_editor(scope: Scope, comparison: Comparison) -> None:
    """Pass for people who may run and change the comparison.

    Raises:
        NotFound: it is not visible.
        NotAllowed: the caller is no editor, or no person.
    """
    _require(scope, "editor", comparison.application_id, str(comparison.key))


def _require(
    scope: Scope, role: Role, application_id: ObjectId, key: str, *, kind: str = "comparison"
) -> None:
    scope.require(role, application_id, kind=kind, key=key)
    if scope.kind == "application":
        raise NotAllowed("Comparisons are made and read by people.", role=role)
