"""Who is made of a version, and what runs and rollbacks of composed versions keep."""

import pytest

from core.documents import ExecutionLog, PromptVersion
from core.errors import HasDependents, PromptHubError
from core.execution.run import ExecutionRequest, run
from core.prompts.catalogue import get_prompt
from core.prompts.composition import list_dependents
from core.prompts.labels import move_label
from core.prompts.publishing import roll_back
from core.prompts.renumbering import renumber_draft
from core.prompts.versions import delete_draft, get_version
from core.providers.scripted import ScriptedProvider
from core.values.body import VersionBody
from core.values.scope import SYSTEM
from tests.core.prompts.composing import include, publish, save
from tests.places import Place, a_place, an_engine, the_row


@pytest.fixture
async def place(database: object) -> Place:  # noqa: ARG001 -- opened for its effect
    return await a_place()


async def test_dependents_are_listed_and_keep_a_draft_from_going(place: Place) -> None:
    await save(place, "house")
    await save(place, "letter", dependencies=[include("house")])
    house = await get_prompt(SYSTEM, "house", place.application.key)

    (dependent,) = await list_dependents(place.scope, house, "1.0.0")
    with pytest.raises(HasDependents) as raised:
        await delete_draft(SYSTEM, house, "1.0.0")
    with pytest.raises(HasDependents):
        await renumber_draft(SYSTEM, house, "1.0.0", "2.0.0")

    assert dependent.name == "letter@1.0.0"
    assert raised.value.dependents == ("letter@1.0.0",)
    assert (await get_version(SYSTEM, house, "1.0.0")).deleted_at is None
    assert await PromptVersion.find({"prompt_id": house.key}).count() == 1


async def test_dependents_by_label_are_listed_under_the_version_it_names_now(place: Place) -> None:
    prompt = await move_label(SYSTEM, place.prompt, "live", "1.0.0", reason="")
    await save(place, "letter", dependencies=[include("greet", "label:live")])
    await save(place, "note", dependencies=[include("greet", "latest")])
    prompt = await get_prompt(SYSTEM, "greet", place.application.key)

    found = await list_dependents(place.scope, prompt, "1.0.0")

    assert sorted(one.name for one in found) == ["letter@1.0.0", "note@1.0.0"]
    assert await list_dependents(place.scope, prompt, "1.0.1") == []


async def test_another_applications_dependents_are_not_told(place: Place) -> None:
    other = await a_place()
    await save(other, "letter", dependencies=[include("greet")])

    assert await list_dependents(SYSTEM, place.prompt, "1.0.0") == []


async def test_a_run_sends_what_it_is_made_of_and_records_the_versions(place: Place) -> None:
    await save(place, "tone", "Be kind to {{ name }}.")
    await publish(place, "tone")
    await save(place, "frame", "Frame: {{ greet }}", dependencies=[include("greet")])
    await publish(place, "frame")
    await save(
        place,
        "letter",
        "{{ frame }} Go.",
        dependencies=[include("frame"), include("tone", kind="system_prompt")],
    )
    await publish(place, "letter")

    await run(
        place.scope,
        place.request(prompt_id="letter", version="1.0.0"),
        engine=an_engine(ScriptedProvider(["Done."])),
    )

    row = await the_row()
    assert [(m.role, m.content) for m in row.rendered_messages] == [
        ("system", "Be kind to Ada."),
        ("user", "Frame: Say hello to Ada. Go."),
    ]
    assert row.dependencies == [
        {"dependency_type": "include", "prompt_id": "frame", "version": "1.0.0"},
        {"dependency_type": "include", "prompt_id": "greet", "version": "1.0.0"},
        {"dependency_type": "system_prompt", "prompt_id": "tone", "version": "1.0.0"},
    ]


async def test_a_guardrail_it_depends_on_blocks_an_unsaved_test_too(place: Place) -> None:
    guard = {"post_validation": {"enabled": True, "prohibited_terms": ["forbidden"]}}
    await save(place, "guard", guardrail_config=guard)
    body = VersionBody.model_validate(
        {"content": "Go.", "dependencies": [include("guard", kind="guardrail")]}
    )
    request = ExecutionRequest(
        application_id=place.application.key, body=body, model="openai/gpt-4o-mini"
    )

    with pytest.raises(PromptHubError):
        await run(place.scope, request, engine=an_engine(ScriptedProvider(["This is FORBIDDEN."])))

    assert (await the_row()).status == "blocked"
    assert await ExecutionLog.count() == 1


async def test_rolling_back_keeps_what_it_was_made_of(place: Place) -> None:
    await save(place, "letter", "{{ greet }}", dependencies=[include("greet")])
    first = await publish(place, "letter")
    prompt = await get_prompt(SYSTEM, "letter", place.application.key)
    await save(place, "letter", "plain")
    await publish(place, "letter", "1.0.1")

    restored = await roll_back(SYSTEM, prompt, "1.0.0", reason="worse")

    assert (restored.dependencies, restored.checksum) == (first.dependencies, first.checksum)
