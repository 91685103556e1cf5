"""Examples: values kept under a name, by whom, how many, and what is refused."""

import asyncio

import pytest
from bson import ObjectId
from pydantic import ValidationError

from core.documents import Example, Prompt
from core.documents.example import NAMES
from core.errors import AlreadyExists, Conflict, Invalid, NotAllowed, NotFound, TooLarge
from core.prompts.catalogue import NewPrompt, create_prompt
from core.prompts.examples import (
    MAX_EXAMPLES,
    NewExample,
    delete_example,
    get_examples,
    list_examples,
    rename_example,
    save_example,
)
from core.values.scope import Scope
from core.values.storable import MAX_BYTES
from tests.core.prompts.conftest import House


def an_example(name: str = "Invoice", **values: object) -> NewExample:
    return NewExample(name=name, values=values)


async def names(scope: Scope, prompt: Prompt) -> list[str]:
    return [one.name for one in (await list_examples(scope, prompt)).items]


async def test_values_are_kept_under_a_name_and_listed_by_it(house: House, prompt: Prompt) -> None:
    for name in ("banana", "Apple", "cherry"):
        await save_example(house.editor, prompt, an_example(name, text=name, tags=["a", 1, None]))

    page = await list_examples(house.viewer, prompt, skip=1, limit=1)
    (found,) = await get_examples(house.viewer, prompt, [page.items[0].key])

    assert await names(house.viewer, prompt) == ["Apple", "banana", "cherry"]
    assert ([one.name for one in page.items], page.total) == (["banana"], 3)
    assert found.values == {"text": "banana", "tags": ["a", 1, None]}
    assert (found.created_by, found.user_id) == ("user:editor", house.editor.user_id)


async def test_a_name_is_given_once_per_prompt_whatever_its_capitals(
    house: House, prompt: Prompt
) -> None:
    first = await save_example(house.editor, prompt, an_example("Invoice", text="a"))
    with pytest.raises(AlreadyExists):
        await save_example(house.editor, prompt, an_example("INVOICE", text="b"))

    after = await save_example(
        house.operator, prompt, an_example("INVOICE", text="b"), replace=True
    )

    assert (after.key, after.name, after.values) == (first.key, "INVOICE", {"text": "b"})
    assert after.created_by == "user:operator"
    other = await create_prompt(
        house.editor, NewPrompt(application_id=house.application_id, name="Other")
    )
    await save_example(house.editor, other, an_example("Invoice"))
    assert await get_examples(house.editor, other, [first.key]) == []


async def test_it_is_renamed_deleted_and_saved_again(house: House, prompt: Prompt) -> None:
    kept = await save_example(house.editor, prompt, an_example("A", text="a"))
    await save_example(house.editor, prompt, an_example("B"))

    with pytest.raises(AlreadyExists):
        await rename_example(house.editor, prompt, kept.key, "b")
    with pytest.raises(ValidationError):
        await rename_example(house.editor, prompt, kept.key, "  ")
    await rename_example(house.editor, prompt, kept.key, "C")
    assert await names(house.editor, prompt) == ["B", "C"]

    gone = await delete_example(house.editor, prompt, kept.key)
    assert (gone.name, gone.values) == ("C", {"text": "a"})
    for verb in (
        delete_example(house.editor, prompt, kept.key),
        rename_example(house.editor, prompt, kept.key, "D"),
    ):
        with pytest.raises(NotFound):
            await verb


async def test_what_cannot_be_stored_and_what_is_too_much_is_refused(
    house: House, prompt: Prompt
) -> None:
    with pytest.raises(Invalid):
        await save_example(house.editor, prompt, an_example(text=float("nan")))
    with pytest.raises(TooLarge):
        await save_example(house.editor, prompt, an_example(text="x" * MAX_BYTES))
    rows = [
        Example(application_id=house.application_id, prompt_key=prompt.key, name=str(number))
        for number in range(MAX_EXAMPLES - 1)
    ]
    await Example.insert_many(rows)

    tried = await asyncio.gather(
        *(save_example(house.editor, prompt, an_example(f"more {n}")) for n in range(5)),
        return_exceptions=True,
    )

    assert any(isinstance(one, Conflict) for one in tried)
    assert (await list_examples(house.editor, prompt)).total <= MAX_EXAMPLES
    await save_example(house.editor, prompt, an_example("0", text="new"), replace=True)


async def test_viewers_read_strangers_see_nothing_and_keys_are_refused(
    house: House, prompt: Prompt
) -> None:
    kept = await save_example(house.editor, prompt, an_example())
    key = Scope(kind="application", roles={house.application_id: "viewer"})

    for verb in (
        save_example(house.viewer, prompt, an_example("B")),
        rename_example(house.viewer, prompt, kept.key, "B"),
        delete_example(house.viewer, prompt, kept.key),
        list_examples(key, prompt),
        get_examples(key, prompt, [kept.key]),
    ):
        with pytest.raises(NotAllowed):
            await verb
    for verb in (
        list_examples(house.stranger, prompt),
        get_examples(house.stranger, prompt, [kept.key]),
        delete_example(house.stranger, prompt, ObjectId()),
    ):
        with pytest.raises(NotFound):
            await verb


async def test_the_list_is_read_from_an_index(house: House, prompt: Prompt) -> None:
    await save_example(house.editor, prompt, an_example())

    plan = await (
        Example.collection()
        .find({"prompt_key": prompt.key}, collation=NAMES)
        .sort("name")
        .explain()
    )

    assert "prompt_name" in str(plan["queryPlanner"]["winningPlan"])
    assert "'SORT'" not in str(plan["queryPlanner"]["winningPlan"])
