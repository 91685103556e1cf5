"""What a version is made of: found, frozen, and kept free of circles."""

import asyncio
from typing import Any

import pytest

from core.documents import PromptVersion
from core.errors import (
    Conflict,
    CyclicDependency,
    Invalid,
    NotFound,
    NotPublished,
    PromptHubError,
)
from core.execution.run import run
from core.prompts import composition
from core.prompts.catalogue import deactivate_prompt, get_prompt
from core.prompts.composition import MAX_LEVELS, compose
from core.prompts.labels import move_label
from core.prompts.versions import get_version
from core.providers.scripted import ScriptedProvider
from core.values.scope import SYSTEM
from tests.builders import a_body
from tests.core.prompts.composing import change, include, publish, save
from tests.places import Place, a_place, an_engine, the_row


@pytest.fixture
async def place(database: object) -> Place:  # noqa: ARG001 -- opened for its effect
    return await a_place()


async def test_a_label_is_frozen_at_publish_and_no_longer_follows(place: Place) -> None:
    await save(place, "house", "Be brief.")
    await publish(place, "house")
    house = await get_prompt(SYSTEM, "house", place.application.key)
    await move_label(SYSTEM, house, "live", "1.0.0", reason="")
    draft = await save(
        place, "letter", "{{ house }}", dependencies=[include("house", "label:live")]
    )

    frozen = await publish(place, "letter")
    await save(place, "house", "Be long.")
    await publish(place, "house", "1.0.1")
    await move_label(SYSTEM, house, "live", "1.0.1", reason="")

    assert draft.dependencies[0].version == "label:live"
    assert frozen.dependencies[0].version == "1.0.0"
    assert frozen.checksum == frozen.body.checksum() != draft.checksum
    again = await get_version(SYSTEM, await get_prompt(SYSTEM, "letter"), "1.0.0")
    composed = await compose(again.body, place.application.key)
    assert [used.version for used in composed.used] == ["1.0.0"]


async def test_publishing_over_a_draft_is_refused(place: Place) -> None:
    await save(place, "house")
    await save(place, "letter", dependencies=[include("house")])

    with pytest.raises(NotPublished, match=r"house@1\.0\.0"):
        await publish(place, "letter")

    await publish(place, "house")
    assert (await publish(place, "letter")).is_published


@pytest.mark.parametrize(
    ("dependency", "error"),
    [
        (include("nobody"), NotFound),
        (include("greet", "9.9.9"), NotFound),
        (include("greet", "label:none"), NotFound),
        (include("greet", "x.y.z"), Invalid),
    ],
)
async def test_what_is_not_there_is_refused_at_save(
    place: Place, dependency: dict[str, Any], error: type[PromptHubError]
) -> None:
    with pytest.raises(error):
        await save(place, "letter", dependencies=[dependency])

    assert await PromptVersion.count() == 1


async def test_prompts_of_another_application_are_not_there(place: Place) -> None:
    other = await a_place()
    await save(other, "secret")

    with pytest.raises(NotFound):
        await save(place, "letter", dependencies=[include("secret")])


async def test_a_deactivated_prompt_is_refused_at_save_and_still_serves_the_published(
    place: Place,
) -> None:
    await save(place, "letter", "{{ greet }}", dependencies=[include("greet")])
    published = await publish(place, "letter")
    await deactivate_prompt(SYSTEM, place.prompt)

    with pytest.raises(Conflict, match="greet"):
        await save(place, "other", dependencies=[include("greet")])

    assert (await compose(published.body, place.application.key)).used


async def test_a_circle_of_drafts_is_refused_naming_the_path(place: Place) -> None:
    await save(place, "a")
    await save(place, "b", dependencies=[include("a")])
    await save(place, "c", dependencies=[include("b", kind="system_prompt")])

    with pytest.raises(CyclicDependency) as raised:
        await change(place, "a", include("c"))

    assert raised.value.path == ("a@1.0.0", "c@1.0.0", "b@1.0.0", "a@1.0.0")
    with pytest.raises(CyclicDependency):
        await change(place, "a", include("a"))


async def test_a_circle_made_by_two_at_once_neither_runs_nor_publishes(place: Place) -> None:
    await save(place, "a")
    await save(place, "b")
    # Both were checked before either was stored.
    for name, other in (("a", "b"), ("b", "a")):
        prompt = await get_prompt(SYSTEM, name, place.application.key)
        body = a_body("x", dependencies=[include(other)])
        fields = {**body.model_dump(mode="json"), "checksum": body.checksum()}
        await PromptVersion.change_one({"prompt_id": prompt.key}, fields)

    with pytest.raises(CyclicDependency):
        await publish(place, "a")
    request = place.request(prompt_id="a", variables={})
    with pytest.raises(CyclicDependency):
        await run(place.scope, request, engine=an_engine(ScriptedProvider(["x"])))
    assert (await the_row()).error_type == "cyclic_dependency"


async def test_two_changes_at_once_leave_nothing_that_can_be_published_in_a_circle(
    place: Place,
) -> None:
    await save(place, "a")
    await save(place, "b")

    await asyncio.gather(
        change(place, "a", include("b")), change(place, "b", include("a")), return_exceptions=True
    )
    published = await asyncio.gather(
        publish(place, "a"), publish(place, "b"), return_exceptions=True
    )

    for version in published:
        if isinstance(version, PromptVersion):
            assert (await compose(version.body, place.application.key)).part.body == version.body


async def test_levels_are_limited(place: Place) -> None:
    await save(place, "n0")
    for level in range(1, MAX_LEVELS + 1):
        await save(place, f"n{level}", dependencies=[include(f"n{level - 1}")])

    with pytest.raises(Invalid, match="levels"):
        await save(place, "top", dependencies=[include(f"n{MAX_LEVELS}")])
    # The same when a shorter way to the same versions was looked at first.
    with pytest.raises(Invalid, match="levels"):
        await save(
            place, "top", dependencies=[include(f"n{MAX_LEVELS - 3}"), include(f"n{MAX_LEVELS}")]
        )


async def test_the_number_of_versions_is_limited(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "MAX_PARTS", 2)
    for name in ("a", "b", "c"):
        await save(place, name)

    with pytest.raises(Invalid):
        await save(place, "top", dependencies=[include("a"), include("b"), include("c")])


@pytest.mark.parametrize(
    "dependencies",
    [
        [include("greet"), include("greet")],
        [{**include("greet"), "config": {"name": "name"}}],
        [{**include("greet"), "config": {"name": "loop"}}],
        [{**include("greet", kind="guardrail"), "config": {"name": "x"}}],
    ],
)
async def test_names_of_includes_are_distinct_and_usable(
    place: Place, dependencies: list[dict[str, Any]]
) -> None:
    fields = [{"name": "name"}]

    with pytest.raises(Invalid):
        await save(place, "top", dependencies=dependencies, required_fields=fields)
