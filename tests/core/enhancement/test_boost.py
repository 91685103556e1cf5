"""A model rewrites a version: what it is asked, what is taken, what is recorded."""

from typing import Any

import pytest

from core.documents import ExecutionLog, PromptVersion
from core.enhancement.boost import MAX_INSTRUCTION_CHARS, Boosted, boost
from core.errors import (
    NotAllowed,
    NotFound,
    PromptHubError,
    ProposalUnusable,
    ProviderError,
    TemplateInvalid,
    TooLarge,
)
from core.execution.recording import execution_of
from core.prompts.versions import NewVersion, save_version
from core.providers.scripted import ScriptedProvider
from core.values.scope import SYSTEM, Scope
from tests.builders import a_body, a_scope
from tests.places import Place, an_engine, the_row

REWRITE = "Here:\n<improved_content>\nGreet {{ name }} kindly.\n</improved_content>"
MODEL = "openai/gpt-4o"


async def a_draft(place: Place, content: str, **fields: Any) -> PromptVersion:
    new = NewVersion(body=a_body(content, **fields))
    return (await save_version(SYSTEM, place.prompt, new)).version


async def boosted(
    place: Place,
    provider: ScriptedProvider,
    *,
    version: PromptVersion | None = None,
    instruction: str = "",
    scope: Scope | None = None,
    model: str | None = MODEL,
) -> Boosted:
    return await boost(
        scope or place.scope,
        place.prompt,
        version or place.version,
        model=model,
        instruction=instruction,
        engine=an_engine(provider),
    )


async def test_a_rewrite_is_proposed_with_its_changes_and_its_execution(place: Place) -> None:
    result = await boosted(place, ScriptedProvider([REWRITE]))

    row = await the_row(result.execution_id)
    assert result.proposal == place.version.body.model_copy(
        update={"content": "Greet {{ name }} kindly."}
    )
    assert [(one.area, one.before, one.after) for one in result.changes] == [
        ("content", "Say hello to {{ name }}.", "Greet {{ name }} kindly.")
    ]
    assert (row.status, row.prompt_id, row.prompt_version_id) == ("success", "greet", None)
    assert row.metadata == {"purpose": "boost", "version": "1.0.0"}
    assert await PromptVersion.count() == 1


async def test_the_model_sees_the_draft_to_the_letter_and_the_wish(place: Place) -> None:
    provider = ScriptedProvider([REWRITE])

    await boosted(place, provider, instruction="Use {{ this }} tone.")

    system, user = provider.requests[0].messages
    assert system.content.startswith("You improve prompts")
    assert "Its variables are: name." in system.content
    assert "improved_system_prompt" not in system.content
    assert "<draft_content>\nSay hello to {{ name }}.\n</draft_content>" in user.content
    assert "<wish>\nUse {{ this }} tone.\n</wish>" in user.content


async def test_the_versions_own_metaprompt_takes_the_place_of_the_shipped_one(place: Place) -> None:
    own = "Write for {{ audience }}, not {{ nobody }}. {{ instruction }}"
    fields = [{"name": "audience", "default": "children"}, {"name": "name"}]
    draft = await a_draft(
        place, "Hi {{ name }}", metaprompt=own, required_fields=fields, system_prompt="Be kind."
    )
    provider = ScriptedProvider(["<improved_content>Hello {{ name }}</improved_content>"])

    result = await boosted(place, provider, version=draft, instruction="Shorter.")

    system, user = provider.requests[0].messages
    assert system.content.startswith("Write for children, not . Shorter.\n\nThe prompt is")
    assert "<improved_system_prompt>" in system.content
    assert "<draft_system_prompt>\nBe kind.\n</draft_system_prompt>" in user.content
    assert result.proposal.metaprompt == own
    assert result.proposal.system_prompt == "Be kind."


async def test_the_versions_model_is_asked_where_none_is_chosen(place: Place) -> None:
    draft = await a_draft(place, "Hi {{ name }}", model="openai/of-the-version")
    provider = ScriptedProvider([REWRITE])

    await boosted(place, provider, version=draft, model=None)

    assert provider.requests[0].model == "of-the-version"


@pytest.mark.parametrize(
    "answer",
    [
        "I would rather not.",
        "<improved_content>Hello.</improved_content>",
        "<improved_content>{{ name }} {{ mail }}</improved_content>",
        "<improved_content>{{ name </improved_content>",
    ],
)
async def test_an_unusable_answer_names_the_row_that_it_cost(place: Place, answer: str) -> None:
    with pytest.raises(ProposalUnusable) as raised:
        await boosted(place, ScriptedProvider([answer]))

    row = await the_row()
    assert execution_of(raised.value) == row.key
    assert row.status == raised.value.facts["execution_status"] == "success"
    assert raised.value.model == MODEL


async def test_a_failing_provider_names_its_row_too(place: Place) -> None:
    failure = ProviderError("It failed.", provider="openai")

    with pytest.raises(ProviderError) as raised:
        await boosted(place, ScriptedProvider([failure]))

    assert execution_of(raised.value) == (await the_row()).key


async def test_a_metaprompt_that_fails_calls_no_model(place: Place) -> None:
    draft = await a_draft(place, "Hi", metaprompt="{{ 1 / 0 }}")

    with pytest.raises(TemplateInvalid) as raised:
        await boosted(place, ScriptedProvider([REWRITE]), version=draft)

    assert raised.value.field == "metaprompt"
    assert await ExecutionLog.count() == 0


@pytest.mark.parametrize(("role", "error"), [("viewer", NotAllowed), (None, NotFound)])
async def test_only_editors_spend_money(
    place: Place, role: Any, error: type[PromptHubError]
) -> None:
    scope = a_scope(role, place.application.key) if role else Scope(kind="user")

    with pytest.raises(error):
        await boosted(place, ScriptedProvider([REWRITE]), scope=scope)

    assert await ExecutionLog.count() == 0


async def test_an_endless_instruction_is_refused(place: Place) -> None:
    with pytest.raises(TooLarge):
        await boosted(
            place, ScriptedProvider([REWRITE]), instruction="x" * (MAX_INSTRUCTION_CHARS + 1)
        )
