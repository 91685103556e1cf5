"""The catalogue: readable ids, one of each per application, nobody else's to see."""

import asyncio

import pytest
from bson import ObjectId
from pydantic import ValidationError

from core.documents import Application, Prompt
from core.errors import AlreadyExists, AmbiguousPrompt, Invalid, NotAllowed, NotFound, StaleRevision
from core.prompts.catalogue import (
    NewPrompt,
    PromptChanges,
    create_prompt,
    deactivate_prompt,
    get_prompt,
    restore_prompt,
    update_prompt,
)
from core.values.scope import Scope
from tests.core.prompts.conftest import House


def new(house: House, **fields: object) -> NewPrompt:
    given = {"application_id": house.application_id, "name": "Board minutes", **fields}
    return NewPrompt.model_validate(given)


async def test_the_id_is_made_from_the_name_and_numbered_when_taken(house: House) -> None:
    first = await create_prompt(house.editor, new(house, name="Résumé: Board & Minutes!"))
    second = await create_prompt(house.editor, new(house, name="Resume board minutes"))

    assert (first.prompt_id, second.prompt_id) == (
        "resume-board-minutes",
        "resume-board-minutes-2",
    )


async def test_a_name_in_another_script_gets_an_id_all_the_same(house: House) -> None:
    prompt = await create_prompt(house.editor, new(house, name="会议纪要"))

    assert prompt.prompt_id == "prompt"


async def test_of_fifteen_prompts_with_one_id_one_is_made(house: House) -> None:
    creates = [create_prompt(house.editor, new(house, prompt_id="minutes")) for _ in range(15)]

    results = await asyncio.gather(*creates, return_exceptions=True)

    assert sum(isinstance(result, AlreadyExists) for result in results) == 14
    assert await Prompt.count() == 1


@pytest.mark.parametrize("prompt_id", ["search", "latest", "A", "a b", "-a", "", "a" * 65, "аbc"])  # noqa: RUF001 - a Cyrillic letter
async def test_an_id_of_other_characters_or_reserved_is_refused(
    house: House, prompt_id: str
) -> None:
    with pytest.raises(Invalid):
        await create_prompt(house.editor, new(house, prompt_id=prompt_id))


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "  "},
        {"name": "a\x00b"},
        {"name": "\ud83d"},
        {"tags": ["x"] * 51 + [str(n) for n in range(51)]},
        {"default_model": "gpt"},
        {"unknown": 1},
    ],
)
def test_a_description_that_breaks_a_rule_is_refused(
    house: House, fields: dict[str, object]
) -> None:
    with pytest.raises(ValidationError):
        new(house, **fields)


def test_tags_are_folded_and_folders_tidied(house: House) -> None:
    described = new(house, tags=["Legal", "legal ", "", "HR"], folder="/ Board // 2026 /")

    assert (described.tags, described.folder) == (("legal", "hr"), "Board/2026")


async def test_changes_keep_what_is_not_named(house: House, prompt: Prompt) -> None:
    await update_prompt(house.editor, prompt, PromptChanges(description="Says hello"))
    after = await update_prompt(house.editor, prompt, PromptChanges(tags=("a",)))

    assert (after.name, after.description, after.tags) == ("Greeting", "Says hello", ["a"])


async def test_a_stale_change_is_refused(house: House, prompt: Prompt) -> None:
    await update_prompt(house.editor, prompt, PromptChanges(name="One"), expected_revision=1)

    with pytest.raises(StaleRevision):
        await update_prompt(house.editor, prompt, PromptChanges(name="Two"), expected_revision=1)


async def test_a_prompt_goes_out_of_service_and_comes_back(house: House, prompt: Prompt) -> None:
    inactive = await deactivate_prompt(house.operator, prompt)
    application = Scope(kind="application", roles={house.application_id: "viewer"})

    with pytest.raises(NotFound):
        await get_prompt(application, prompt.prompt_id)
    assert (await get_prompt(house.viewer, prompt.prompt_id)).is_active is False

    await restore_prompt(house.operator, inactive)
    assert (await get_prompt(application, prompt.prompt_id)).is_active


async def test_an_editor_takes_nothing_out_of_service(house: House, prompt: Prompt) -> None:
    with pytest.raises(NotAllowed):
        await deactivate_prompt(house.editor, prompt)


async def test_another_owners_prompt_is_not_found(house: House, prompt: Prompt) -> None:
    for application_id in (None, house.application_id):
        with pytest.raises(NotFound):
            await get_prompt(house.stranger, prompt.prompt_id, application_id)


@pytest.mark.usefixtures("prompt")
async def test_an_id_of_two_applications_asks_which(house: House) -> None:
    other = Application(name="B", api_key_hash="b", api_key_prefix="b", owner_id=ObjectId())
    await other.insert()
    both = Scope(
        kind="user", roles={house.application_id: "editor", other.key: "editor"}, actor="user:both"
    )
    await create_prompt(both, NewPrompt(application_id=other.key, name="Greeting"))

    with pytest.raises(AmbiguousPrompt) as caught:
        await get_prompt(both, "greeting")

    assert set(caught.value.candidates) == {str(house.application_id), str(other.key)}
    assert (await get_prompt(both, "greeting", other.key)).application_id == other.key
