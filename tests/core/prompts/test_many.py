"""Changing many prompts at once: all that is allowed, the way back, and what is refused whole."""

import pytest
from bson import ObjectId

from core.documents import AuditEvent, Prompt
from core.errors import Invalid, NotAllowed, NotFound
from core.prompts.catalogue import (
    NewPrompt,
    PromptChanges,
    create_prompt,
    deactivate_prompt,
    update_prompt,
)
from core.prompts.duplicate import duplicate_prompt
from core.prompts.listing import PromptQuery, list_marks
from core.prompts.many import deactivate_prompts, restore_prompts, retag_prompts, tag_prompts
from core.prompts.versions import save_version
from tests.core.prompts.conftest import House, a_version


async def several(house: House, *tags: tuple[str, ...]) -> list[ObjectId]:
    prompts = [
        await create_prompt(
            house.editor,
            NewPrompt(application_id=house.application_id, name=f"Prompt {number}", tags=own),
        )
        for number, own in enumerate(tags)
    ]
    return [prompt.key for prompt in prompts]


async def tags_of(keys: list[ObjectId]) -> list[list[str]]:
    found = {prompt.key: prompt.tags for prompt in await Prompt.find_all().to_list()}
    return [found[key] for key in keys]


async def test_tags_are_added_and_removed_and_put_back(house: House) -> None:
    keys = await several(house, ("old", "both"), ("new",), ("old",))

    changed = await tag_prompts(house.editor, keys, add=("New",), remove=("old",))

    assert await tags_of(keys) == [["both", "new"], ["new"], ["new"]]
    assert set(changed.keys) == {keys[0], keys[2]}

    await retag_prompts(house.editor, changed.before)

    assert await tags_of(keys) == [["old", "both"], ["new"], ["old"]]
    assert await AuditEvent.find({"action": "prompt.update"}).count() == 4


async def test_what_cannot_take_another_tag_is_told_and_the_others_go_on(house: House) -> None:
    keys = await several(house, tuple(f"t{n}" for n in range(50)), ())

    changed = await tag_prompts(house.editor, keys, add=("one-more",))

    assert [len(tags) for tags in await tags_of(keys)] == [50, 1]
    assert changed.keys == (keys[1],)
    assert "at most 50 items" in changed.problems[0]


@pytest.mark.parametrize(("add", "remove"), [((), ()), (("a",), ("A ",))])
async def test_a_choice_of_tags_that_means_nothing_is_refused(
    house: House, add: tuple[str, ...], remove: tuple[str, ...]
) -> None:
    keys = await several(house, ("a",))

    with pytest.raises(Invalid):
        await tag_prompts(house.editor, keys, add=add, remove=remove)


async def test_many_are_taken_out_of_service_and_back_with_an_event_for_each(
    house: House,
) -> None:
    keys = await several(house, *[() for _ in range(40)])
    first = await Prompt.get(keys[0])
    assert first is not None
    await deactivate_prompt(house.operator, first)
    seen: list[tuple[int, int]] = []

    gone = await deactivate_prompts(
        house.operator, keys, progress=lambda done, total: seen.append((done, total))
    )

    assert len(gone.keys) == 39
    assert seen[-1] == (40, 40)
    assert await Prompt.find({"is_active": False}).count() == 40
    assert await AuditEvent.find({"action": "prompt.deactivate"}).count() == 40

    back = await restore_prompts(house.operator, gone.keys)

    assert back.keys == gone.keys
    assert await Prompt.find({"is_active": False}).count() == 1


async def test_without_the_role_nothing_is_changed(house: House) -> None:
    keys = await several(house, (), ())

    with pytest.raises(NotAllowed):
        await deactivate_prompts(house.editor, keys)
    with pytest.raises(NotAllowed):
        await tag_prompts(house.viewer, keys, add=("x",))
    with pytest.raises(NotFound):
        await tag_prompts(house.stranger, keys, add=("x",))

    assert await tags_of(keys) == [[], []]
    assert await Prompt.find({"is_active": False}).count() == 0


async def test_a_change_that_came_between_is_kept(house: House) -> None:
    keys = await several(house, ("a",))
    stale = await Prompt.get(keys[0])
    assert stale is not None
    changed = await tag_prompts(house.editor, keys, add=("b",))
    await update_prompt(house.editor, stale, PromptChanges(name="Renamed"))

    await retag_prompts(house.editor, changed.before)

    after = await Prompt.get(keys[0])
    assert after is not None
    assert (after.name, after.tags) == ("Renamed", ["a"])


async def test_marks_are_those_of_all_that_match_and_of_nobody_else(house: House) -> None:
    keys = await several(house, ("x",), (), ("x",))

    marks = await list_marks(house.viewer, PromptQuery(tags=("x",)))

    assert {mark.key for mark in marks} == {keys[0], keys[2]}
    assert not any(mark.is_served for mark in marks)
    assert await list_marks(house.stranger, PromptQuery()) == []


async def test_a_copy_without_an_id_takes_a_free_one(house: House, prompt: Prompt) -> None:
    await save_version(house.editor, prompt, a_version())
    source = await Prompt.get(prompt.key) or prompt

    copies = [
        await duplicate_prompt(house.editor, source, None, name="Copy of Greeting")
        for _ in range(2)
    ]

    assert [copy.prompt_id for copy in copies] == ["copy-of-greeting", "copy-of-greeting-2"]
    assert [copy.newest_version for copy in copies] == ["1.0.0", "1.0.0"]
