"""Publishing: frozen for ever, one current version, and whole again after a death half-way."""

import asyncio

import pytest

from core.documents import AuditEvent, Prompt, PromptVersion
from core.errors import Conflict, NotAllowed, NotPublished
from core.prompts.catalogue import deactivate_prompt
from core.prompts.publishing import publish_version, roll_back
from core.prompts.repair import repair_prompts
from core.prompts.versions import get_version, save_version
from tests.core.prompts.conftest import House, a_version


async def stored(prompt: Prompt) -> Prompt:
    found = await Prompt.get(prompt.key)
    assert found is not None
    return found


async def test_publishing_freezes_the_version_and_makes_it_current(
    house: House, prompt: Prompt
) -> None:
    await save_version(house.editor, prompt, a_version("a"))

    published = await publish_version(house.operator, prompt, "1.0.0")

    assert published.is_published
    assert published.published_by == house.operator.actor
    assert (await stored(prompt)).current_version == "1.0.0"


async def test_publishing_again_changes_nothing(house: House, prompt: Prompt) -> None:
    await save_version(house.editor, prompt, a_version("a"))
    await save_version(house.editor, prompt, a_version("b"))
    first = await publish_version(house.operator, prompt, "1.0.0")
    await publish_version(house.operator, prompt, "1.0.1")

    again = await publish_version(house.operator, prompt, "1.0.0")

    assert again == first
    assert (await stored(prompt)).current_version == "1.0.1"


async def test_a_version_can_be_published_without_moving_latest_and_moved_later(
    house: House, prompt: Prompt
) -> None:
    await save_version(house.editor, prompt, a_version("a"))
    await save_version(house.editor, prompt, a_version("b"))
    await publish_version(house.operator, prompt, "1.0.0")

    await publish_version(house.operator, prompt, "1.0.1", make_current=False)
    assert (await stored(prompt)).current_version == "1.0.0"

    await publish_version(house.operator, prompt, "1.0.1")
    assert (await stored(prompt)).current_version == "1.0.1"


async def test_eight_parallel_publishes_leave_one_consistent_current_version(
    house: House, prompt: Prompt
) -> None:
    for n in range(8):
        await save_version(house.editor, prompt, a_version(f"text {n}"))

    await asyncio.gather(*(publish_version(house.operator, prompt, f"1.0.{n}") for n in range(8)))

    last = await PromptVersion.find_one({"publish_seq": 8})
    after = await stored(prompt)
    assert last is not None
    assert (after.current_version, after.publish_seq) == (last.version, 8)
    assert await PromptVersion.find({"is_published": True}).count() == 8


async def test_parallel_publishes_of_one_version_are_one_publish(
    house: House, prompt: Prompt
) -> None:
    await save_version(house.editor, prompt, a_version("a"))

    results = await asyncio.gather(
        *(publish_version(house.operator, prompt, "1.0.0") for _ in range(8))
    )

    assert {result.publish_seq for result in results} == {1}


async def test_a_publish_that_died_between_its_steps_is_completed(
    house: House, prompt: Prompt
) -> None:
    await save_version(house.editor, prompt, a_version("a"))
    await publish_version(house.operator, prompt, "1.0.0")
    await Prompt.collection().update_one(
        {"_id": prompt.key}, {"$set": {"current_version": None, "publish_seq": 0}}
    )

    repaired = await repair_prompts()

    assert repaired == 1
    assert (await stored(prompt)).current_version == "1.0.0"
    assert await repair_prompts() == 0


async def test_publishing_again_completes_a_publish_that_an_outage_cut_off(
    house: House, prompt: Prompt
) -> None:
    await save_version(house.editor, prompt, a_version("a"))
    await publish_version(house.operator, prompt, "1.0.0")
    await Prompt.change_one({"_id": prompt.key}, {"current_version": None, "publish_seq": 0})

    await publish_version(house.operator, prompt, "1.0.0")

    assert (await stored(prompt)).current_version == "1.0.0"


async def test_saving_again_completes_a_save_that_an_outage_cut_off(
    house: House, prompt: Prompt
) -> None:
    await save_version(house.editor, prompt, a_version("a"))
    await Prompt.change_one({"_id": prompt.key}, {"newest_version": None, "newest_sequence": 0})

    await save_version(house.editor, prompt, a_version("a"))

    assert (await stored(prompt)).newest_version == "1.0.0"


async def test_a_save_that_died_before_the_list_knew_is_completed(
    house: House, prompt: Prompt
) -> None:
    await save_version(house.editor, prompt, a_version("a"))
    await Prompt.collection().update_one(
        {"_id": prompt.key}, {"$set": {"newest_version": None, "newest_sequence": 0}}
    )

    await repair_prompts()

    assert (await stored(prompt)).newest_version == "1.0.0"


async def test_rolling_back_publishes_the_old_body_under_a_new_number(
    house: House, prompt: Prompt
) -> None:
    await save_version(house.editor, prompt, a_version("good"))
    await save_version(house.editor, prompt, a_version("bad"))
    await publish_version(house.operator, prompt, "1.0.0")
    await publish_version(house.operator, prompt, "1.0.1")

    restored = await roll_back(house.operator, prompt, "1.0.0", reason="wrong tone")

    assert (restored.version, restored.content) == ("1.0.2", "good")
    assert (await stored(prompt)).current_version == "1.0.2"
    event = await AuditEvent.find_one({"action": "version.roll_back"})
    assert event is not None
    assert event.reason == "wrong tone"


async def test_one_does_not_roll_back_to_a_draft(house: House, prompt: Prompt) -> None:
    await save_version(house.editor, prompt, a_version("a"))

    with pytest.raises(NotPublished):
        await roll_back(house.operator, prompt, "1.0.0", reason="")


async def test_an_editor_does_not_publish(house: House, prompt: Prompt) -> None:
    await save_version(house.editor, prompt, a_version("a"))

    with pytest.raises(NotAllowed):
        await publish_version(house.editor, prompt, "1.0.0")

    assert not (await get_version(house.viewer, prompt, "1.0.0")).is_published


async def test_an_inactive_prompt_is_not_published(house: House, prompt: Prompt) -> None:
    await save_version(house.editor, prompt, a_version("a"))
    inactive = await deactivate_prompt(house.operator, prompt)

    with pytest.raises(Conflict):
        await publish_version(house.operator, inactive, "1.0.0")
