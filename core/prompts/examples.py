"""Own examples: named values of a prompt's variables, saved to try it with again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from bson import ObjectId
from pydantic import BaseModel, ConfigDict
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from core.documents import Example, Prompt, changed
from core.documents.example import NAMES
from core.errors import AlreadyExists, Conflict, NotFound
from core.prompts.naming import Name
from core.values.scope import Scope
from core.values.storable import check_storable
from prompthub.wire.literals import Role

MAX_EXAMPLES: Final = 200
# Values can be a megabyte each; a list names them only.
_SUMMARY: Final = {"name": 1, "created_by": 1, "updated_at": 1}


class NewExample(BaseModel):
    """What an example is called, and its values by the names of variables."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    values: dict[str, Any]


class ExampleSummary(NamedTuple):
    """An example in a list."""

    key: ObjectId
    name: str
    created_by: str
    updated_at: datetime


class ExamplePage(NamedTuple):
    """Examples by name, and how many there are in all."""

    items: list[ExampleSummary]
    total: int


async def save_example(
    scope: Scope, prompt: Prompt, new: NewExample, *, replace: bool = False
) -> Example:
    """Store values under a name; with `replace` in place of those of the same name.

    Capitals make no other name.

    Raises:
        NotAllowed: the caller is no editor.
        AlreadyExists: the name is taken and `replace` is not given.
        Conflict: the prompt has `MAX_EXAMPLES` already.
        Invalid: the values cannot be stored.
        TooLarge: they are longer than `core.values.storable.MAX_BYTES`.
    """
    _require(scope, "editor", prompt)
    check_storable(new.values, field="values")
    written: dict[str, Any] = {"name": new.name, "values": new.values}
    written |= {"created_by": scope.actor, "user_id": scope.user_id}
    if replace:
        after = await _change({"prompt_key": prompt.key, "name": new.name}, written)
        if after is not None:
            return after
    example = Example(application_id=prompt.application_id, prompt_key=prompt.key, **written)
    try:
        await example.insert()
    except DuplicateKeyError:
        raise AlreadyExists("example", new.name) from None
    # Counted afterwards, so that also of many at once none gets past the limit.
    if await Example.find({"prompt_key": prompt.key}).count() > MAX_EXAMPLES:
        await Example.find({"_id": example.key}).delete()
        raise Conflict(
            f"The prompt has {MAX_EXAMPLES} examples, which is as many as it can have; "
            "delete one first."
        )
    return example


async def list_examples(
    scope: Scope, prompt: Prompt, *, skip: int = 0, limit: int = MAX_EXAMPLES
) -> ExamplePage:
    """Return a page of a prompt's examples by name, without their values.

    Raises:
        NotFound: the prompt is not visible.
        NotAllowed: the caller holds only an API key.
    """
    _require(scope, "viewer", prompt)
    wanted = {"prompt_key": prompt.key}
    rows = Example.collection().find(wanted, _SUMMARY, collation=NAMES)
    items = [
        ExampleSummary(row["_id"], row["name"], row["created_by"], row["updated_at"])
        async for row in rows.sort("name").skip(skip).limit(limit)
    ]
    return ExamplePage(items, await Example.find(wanted).count())


async def get_examples(scope: Scope, prompt: Prompt, keys: Sequence[ObjectId]) -> list[Example]:
    """Return those of the examples that are there, with their values and by name.

    Raises:
        NotFound: the prompt is not visible.
        NotAllowed: the caller holds only an API key.
    """
    _require(scope, "viewer", prompt)
    wanted = {"_id": {"$in": list(keys)}, "prompt_key": prompt.key}
    rows = await Example.collection().find(wanted, collation=NAMES).sort("name").to_list()
    return [Example.model_validate(row) for row in rows]


async def rename_example(scope: Scope, prompt: Prompt, key: ObjectId, name: Name) -> Example:
    """Give an example another name and return it as it is now.

    Raises:
        NotAllowed: the caller is no editor.
        NotFound: it was deleted.
        AlreadyExists: another example of the prompt has the name.
        ValidationError: the name is blank or too long.
    """
    _require(scope, "editor", prompt)
    checked = NewExample(name=name, values={}).name
    try:
        after = await _change({"_id": key, "prompt_key": prompt.key}, {"name": checked})
    except DuplicateKeyError:
        raise AlreadyExists("example", checked) from None
    if after is None:
        raise NotFound("example", str(key))
    return after


async def delete_example(scope: Scope, prompt: Prompt, key: ObjectId) -> Example:
    """Delete an example and return what it was, so that it can be saved again.

    Raises:
        NotAllowed: the caller is no editor.
        NotFound: it is gone already.
    """
    _require(scope, "editor", prompt)
    deleted = await Example.collection().find_one_and_delete({"_id": key, "prompt_key": prompt.key})
    if deleted is None:
        raise NotFound("example", str(key))
    return Example.model_validate(deleted)


async def _change(old: Mapping[str, Any], fields: Mapping[str, Any]) -> Example | None:
    after = await Example.collection().find_one_and_update(
        old, changed(**fields), collation=NAMES, return_document=ReturnDocument.AFTER
    )
    return None if after is None else Example.model_validate(after)


def _require(scope: Scope, role: Role, prompt: Prompt) -> None:
    scope.refuse_application()
    scope.require(role, prompt.application_id, kind="prompt", key=prompt.prompt_id)
