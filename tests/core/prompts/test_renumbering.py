"""Giving a draft another number."""

import asyncio

import pytest

from core.documents import Prompt, PromptVersion
from core.errors import NotAllowed, NotFound, VersionExists, VersionFrozen
from core.prompts.publishing import publish_version
from core.prompts.renumbering import renumber_draft
from core.prompts.versions import get_version, save_version, update_draft
from core.values.body import VersionBody
from tests.core.prompts.conftest import House, a_version


async def test_the_draft_is_there_under_the_new_number_only(house: House, prompt: Prompt) -> None:
    await save_version(house.editor, prompt, a_version("a", change_description="why"))

    renumbered = await renumber_draft(house.editor, prompt, "1.0.0", "2.0.0")

    assert (renumbered.version, renumbered.content) == ("2.0.0", "a")
    assert renumbered.change_description == "why"
    with pytest.raises(NotFound):
        await get_version(house.editor, prompt, "1.0.0")
    stored = await Prompt.get(prompt.key)
    assert stored is not None
    assert stored.newest_version == "2.0.0"


async def test_the_old_number_is_never_given_again(house: House, prompt: Prompt) -> None:
    await save_version(house.editor, prompt, a_version("a"))
    await renumber_draft(house.editor, prompt, "1.0.0", "2.0.0")

    with pytest.raises(VersionExists):
        await save_version(house.editor, prompt, a_version("b", version="1.0.0"))


async def test_a_used_number_is_refused_and_the_draft_stays(house: House, prompt: Prompt) -> None:
    await save_version(house.editor, prompt, a_version("a"))
    await save_version(house.editor, prompt, a_version("b"))

    with pytest.raises(VersionExists):
        await renumber_draft(house.editor, prompt, "1.0.1", "1.0.0")

    assert (await get_version(house.editor, prompt, "1.0.1")).content == "b"


async def test_a_published_version_keeps_its_number(house: House, prompt: Prompt) -> None:
    await save_version(house.editor, prompt, a_version("a"))
    await publish_version(house.operator, prompt, "1.0.0")

    with pytest.raises(VersionFrozen):
        await renumber_draft(house.editor, prompt, "1.0.0", "2.0.0")


async def test_viewers_may_not(house: House, prompt: Prompt) -> None:
    await save_version(house.editor, prompt, a_version("a"))

    with pytest.raises(NotAllowed):
        await renumber_draft(house.viewer, prompt, "1.0.0", "2.0.0")


async def test_a_change_saved_meanwhile_is_never_lost(house: House, prompt: Prompt) -> None:
    for turn in range(1, 6):
        number, text = f"1.0.{turn}", f"changed {turn}"
        await save_version(house.editor, prompt, a_version(f"first {turn}", version=number))

        _, changed = await asyncio.gather(
            renumber_draft(house.editor, prompt, number, f"2.0.{turn}"),
            update_draft(house.editor, prompt, number, VersionBody(content=text)),
            return_exceptions=True,
        )

        stored = {version.content async for version in PromptVersion.find_all()}
        assert text in stored or isinstance(changed, NotFound)
