"""Versions: numbers are never given twice, bodies never doubled, drafts guarded."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from core.documents import Prompt, PromptVersion
from core.errors import (
    HasDependents,
    NotAllowed,
    NotFound,
    StaleRevision,
    TemplateInvalid,
    VersionExists,
    VersionFrozen,
)
from core.prompts.labels import move_label
from core.prompts.publishing import publish_version
from core.prompts.versions import (
    NewVersion,
    Saved,
    _save_next,  # pyright: ignore[reportPrivateUsage]
    delete_draft,
    get_version,
    list_versions,
    save_version,
    update_draft,
)
from core.values.body import VersionBody
from core.values.scope import Scope
from tests.core.prompts.conftest import House, a_version

Save = Callable[[Scope, Prompt, NewVersion], Awaitable[Saved]]


async def save_elsewhere(scope: Scope, prompt: Prompt, new: NewVersion) -> Saved:
    """Save as another process does, which knows nothing of the turns in this one."""
    return await _save_next(scope, prompt, new, None)


async def numbers(house: House, prompt: Prompt) -> list[str]:
    page = await list_versions(house.viewer, prompt, skip=0, limit=100)
    return [version.version for version in page.items]


async def test_the_first_version_is_1_0_0_and_the_next_follow_the_bump(
    house: House, prompt: Prompt
) -> None:
    await save_version(house.editor, prompt, a_version("a"))
    await save_version(house.editor, prompt, a_version("b"))
    await save_version(house.editor, prompt, a_version("c", bump="minor"))
    await save_version(house.editor, prompt, a_version("d", bump="major"))

    assert await numbers(house, prompt) == ["2.0.0", "1.1.0", "1.0.1", "1.0.0"]


async def test_a_page_of_versions_tells_how_many_there_are_on_all(
    house: House, prompt: Prompt
) -> None:
    for text in "abc":
        await save_version(house.editor, prompt, a_version(text))

    last = await list_versions(house.viewer, prompt, skip=2, limit=2)

    assert [version.version for version in last.items] == ["1.0.0"]
    assert last.total == 3


async def test_the_same_body_makes_no_new_version(house: House, prompt: Prompt) -> None:
    first = await save_version(house.editor, prompt, a_version("a"))

    again = await save_version(house.editor, prompt, a_version("a", bump="major"))

    assert (again.created, again.version.version) == (False, first.version.version)


@pytest.mark.parametrize("save", [save_version, save_elsewhere])
async def test_fifteen_parallel_saves_of_one_body_make_one_version(
    house: House, prompt: Prompt, save: Save
) -> None:
    saves = [save(house.editor, prompt, a_version("same")) for _ in range(15)]

    results = await asyncio.gather(*saves)

    assert sum(saved.created for saved in results) == 1
    assert await PromptVersion.count() == 1


@pytest.mark.parametrize("save", [save_version, save_elsewhere])
async def test_parallel_saves_get_numbers_of_their_own_and_none_is_lost(
    house: House, prompt: Prompt, save: Save
) -> None:
    saves = [save(house.editor, prompt, a_version(f"text {n}")) for n in range(15)]

    await asyncio.gather(*saves)

    assert sorted(await numbers(house, prompt)) == sorted(f"1.0.{n}" for n in range(15))
    stored = await PromptVersion.find_all().to_list()
    assert sorted(version.sequence for version in stored) == list(range(1, 16))


async def test_one_of_fifteen_parallel_saves_gets_an_explicit_number(
    house: House, prompt: Prompt
) -> None:
    saves = [
        save_version(house.editor, prompt, a_version(f"text {n}", version="3.0.0"))
        for n in range(15)
    ]

    results = await asyncio.gather(*saves, return_exceptions=True)

    assert sum(isinstance(result, VersionExists) for result in results) == 14


async def test_the_number_of_a_deleted_draft_is_not_given_again(
    house: House, prompt: Prompt
) -> None:
    await save_version(house.editor, prompt, a_version("a"))
    await save_version(house.editor, prompt, a_version("b"))
    await delete_draft(house.editor, prompt, "1.0.1")

    saved = await save_version(house.editor, prompt, a_version("b"))

    assert (saved.created, saved.version.version) == (True, "1.0.2")
    with pytest.raises(NotFound):
        await get_version(house.viewer, prompt, "1.0.1")
    with pytest.raises(VersionExists):
        await save_version(house.editor, prompt, a_version("z", version="1.0.1"))


async def test_a_draft_is_edited_in_place(house: House, prompt: Prompt) -> None:
    await save_version(house.editor, prompt, a_version("a"))

    await update_draft(house.editor, prompt, "1.0.0", VersionBody(content="b"))

    stored = await get_version(house.viewer, prompt, "1.0.0")
    assert (stored.content, stored.checksum) == ("b", VersionBody(content="b").checksum())


async def test_a_stale_edit_is_refused_and_changes_nothing(house: House, prompt: Prompt) -> None:
    saved = await save_version(house.editor, prompt, a_version("a"))
    revision = saved.version.revision
    await update_draft(
        house.editor, prompt, "1.0.0", VersionBody(content="b"), expected_revision=revision
    )

    with pytest.raises(StaleRevision):
        await update_draft(
            house.editor, prompt, "1.0.0", VersionBody(content="c"), expected_revision=revision
        )

    assert (await get_version(house.viewer, prompt, "1.0.0")).content == "b"


async def test_a_published_version_is_neither_edited_nor_deleted(
    house: House, prompt: Prompt
) -> None:
    await save_version(house.editor, prompt, a_version("a"))
    await publish_version(house.operator, prompt, "1.0.0")

    with pytest.raises(VersionFrozen):
        await update_draft(house.editor, prompt, "1.0.0", VersionBody(content="b"))
    with pytest.raises(VersionFrozen):
        await delete_draft(house.editor, prompt, "1.0.0")

    assert (await get_version(house.viewer, prompt, "1.0.0")).content == "a"


async def test_a_body_that_breaks_the_rules_of_templates_is_not_stored(
    house: House, prompt: Prompt
) -> None:
    with pytest.raises(TemplateInvalid):
        await save_version(house.editor, prompt, a_version("{% if %}"))

    assert await PromptVersion.count() == 0


async def test_a_viewer_reads_and_does_not_write(house: House, prompt: Prompt) -> None:
    await save_version(house.editor, prompt, a_version("a"))

    assert (await get_version(house.viewer, prompt, "1.0.0")).content == "a"
    with pytest.raises(NotAllowed):
        await save_version(house.viewer, prompt, a_version("b"))


async def test_another_owners_versions_are_not_found(house: House, prompt: Prompt) -> None:
    await save_version(house.editor, prompt, a_version("a"))

    with pytest.raises(NotFound):
        await get_version(house.stranger, prompt, "1.0.0")
    with pytest.raises(NotFound):
        await save_version(house.stranger, prompt, a_version("b"))


async def test_a_list_knows_the_newest_version_without_reading_versions(
    house: House, prompt: Prompt
) -> None:
    await save_version(house.editor, prompt, a_version("Alpha"))
    await save_version(house.editor, prompt, a_version("Beta"))
    await delete_draft(house.editor, prompt, "1.0.1")

    stored = await Prompt.get(prompt.key)

    assert stored is not None
    assert (stored.newest_version, stored.search_text.strip()) == ("1.0.0", "alpha")


async def test_a_deleted_draft_leaves_the_whole_text_before_it_to_search_by(
    house: House, prompt: Prompt
) -> None:
    body = VersionBody(content="Alpha", system_prompt="You are a Pilot.")
    await save_version(house.editor, prompt, NewVersion(body=body))
    await save_version(house.editor, prompt, a_version("Beta"))
    before = await Prompt.get(prompt.key)

    await delete_draft(house.editor, prompt, "1.0.1")

    after = await Prompt.get(prompt.key)
    assert before is not None
    assert after is not None
    assert after.search_text == "alpha\nyou are a pilot."
    assert after.updated_at > before.updated_at


async def test_drafts_deleted_at_once_leave_no_pointer_to_one_of_them(
    house: House, prompt: Prompt
) -> None:
    for text in ("a", "b", "c", "d", "e", "f"):
        await save_version(house.editor, prompt, a_version(text))

    numbers = [f"1.0.{patch}" for patch in range(1, 6)]
    await asyncio.gather(*(delete_draft(house.editor, prompt, number) for number in numbers))

    stored = await Prompt.get(prompt.key)
    assert stored is not None
    assert stored.newest_version == "1.0.0"


async def test_a_draft_changed_since_it_was_seen_is_not_deleted(
    house: House, prompt: Prompt
) -> None:
    saved = await save_version(house.editor, prompt, a_version("a"))
    await update_draft(house.editor, prompt, "1.0.0", VersionBody(content="b"))

    with pytest.raises(StaleRevision):
        await delete_draft(house.editor, prompt, "1.0.0", expected_revision=saved.version.revision)

    assert (await get_version(house.viewer, prompt, "1.0.0")).content == "b"


async def test_a_version_that_a_label_names_is_not_deleted(house: House, prompt: Prompt) -> None:
    await save_version(house.editor, prompt, a_version("a"))
    await publish_version(house.operator, prompt, "1.0.0")
    labelled = await move_label(house.operator, prompt, "production", "1.0.0", reason="go")

    with pytest.raises((HasDependents, VersionFrozen)):
        await delete_draft(house.editor, labelled, "1.0.0")
