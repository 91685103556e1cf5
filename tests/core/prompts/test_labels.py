"""Labels and selectors: which version a caller gets."""

import pytest

from core.documents import AuditEvent, Prompt
from core.errors import BadSelector, Invalid, NotAllowed, NotFound, NotPublished
from core.prompts.labels import move_label, remove_label
from core.prompts.publishing import publish_version
from core.prompts.resolve import resolve_version
from core.prompts.versions import save_version
from core.values.scope import Scope
from tests.core.prompts.conftest import House, a_version


@pytest.fixture
async def published(house: House, prompt: Prompt) -> Prompt:
    """1.0.0 and 1.0.1 published, 1.0.2 a draft."""
    for text in ("a", "b", "c"):
        await save_version(house.editor, prompt, a_version(text))
    await publish_version(house.operator, prompt, "1.0.0")
    await publish_version(house.operator, prompt, "1.0.1")
    after = await Prompt.get(prompt.key)
    assert after is not None
    return after


async def test_a_label_moves_over_published_versions(house: House, published: Prompt) -> None:
    labelled = await move_label(house.operator, published, "production", "1.0.0", reason="start")
    moved = await move_label(house.operator, labelled, "production", "1.0.1", reason="better")

    version = await resolve_version(house.viewer, moved, "label:production")

    assert version.version == "1.0.1"
    events = await AuditEvent.find({"action": "label.move"}).sort("_id").to_list()
    assert [event.reason for event in events] == ["start", "better"]


async def test_a_label_does_not_name_a_draft(house: House, published: Prompt) -> None:
    with pytest.raises(NotPublished):
        await move_label(house.operator, published, "production", "1.0.2", reason="")


@pytest.mark.parametrize("label", ["latest", "Production", "a.b", "$set", "", "x" * 33, "-a"])
async def test_a_label_is_named_in_plain_letters(
    house: House, published: Prompt, label: str
) -> None:
    with pytest.raises(Invalid):
        await move_label(house.operator, published, label, "1.0.0", reason="")


async def test_a_label_can_be_removed(house: House, published: Prompt) -> None:
    labelled = await move_label(house.operator, published, "beta", "1.0.0", reason="")

    after = await remove_label(house.operator, labelled, "beta")

    assert after.labels == {}
    with pytest.raises(NotFound):
        await resolve_version(house.viewer, after, "label:beta")


async def test_an_editor_moves_no_label(house: House, published: Prompt) -> None:
    with pytest.raises(NotAllowed):
        await move_label(house.editor, published, "beta", "1.0.0", reason="")


async def test_latest_is_the_current_version_not_the_newest(
    house: House, published: Prompt
) -> None:
    assert (await resolve_version(house.viewer, published, "latest")).version == "1.0.1"


async def test_nothing_published_has_no_latest(house: House, prompt: Prompt) -> None:
    await save_version(house.editor, prompt, a_version("a"))

    with pytest.raises(NotPublished):
        await resolve_version(house.viewer, prompt, "latest")


async def test_an_application_gets_no_draft(house: House, published: Prompt) -> None:
    application = Scope(kind="application", roles={house.application_id: "viewer"})

    assert (await resolve_version(application, published, "1.0.1")).version == "1.0.1"
    with pytest.raises(NotPublished):
        await resolve_version(application, published, "1.0.2")


@pytest.mark.parametrize(
    "selector", ["", "newest", "1.0", "-1.0.0", "1.0.0/publish", "label:", "label:A", "1.0.\u0661"]
)
async def test_a_selector_is_a_number_latest_or_a_label(
    house: House, published: Prompt, selector: str
) -> None:
    with pytest.raises(BadSelector):
        await resolve_version(house.viewer, published, selector)
