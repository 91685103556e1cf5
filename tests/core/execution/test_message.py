"""Messages that follow the rendered ones: sent, checked as the caller's words, kept once."""

from typing import Any

import pytest

from core.accounts.applications import ApplicationChanges, update_application
from core.errors import GuardrailBlocked, Invalid, PromptHubError, TooLarge
from core.execution.idempotency import digest_of
from core.execution.run import run
from core.execution.storable import MAX_MESSAGE_BYTES
from core.providers.scripted import ScriptedProvider
from core.values.messages import Message
from core.values.scope import SYSTEM
from tests.core.execution.test_guardrails import KEY, SECRETS, guarded
from tests.places import Place, a_place, an_engine, the_row

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def place() -> Place:
    return await a_place()


def said(*texts: str) -> tuple[Message, ...]:
    roles: Any = ("user", "assistant")
    return tuple(Message(role=roles[at % 2], content=text) for at, text in enumerate(texts))


async def test_messages_follow_the_rendered_ones_and_stand_in_the_row(place: Place) -> None:
    provider = ScriptedProvider(["Fine."])
    talk = said("{{ name }}?", "Yes?", "How are you?")

    await run(
        place.scope,
        place.request(variables={"name": "Ada"}, messages=talk),
        engine=an_engine(provider),
    )

    row = await the_row()
    sent = [(message.role, message.content) for message in provider.requests[0].messages]
    assert sent == [
        ("user", "Say hello to Ada."),
        ("user", "{{ name }}?"),
        ("assistant", "Yes?"),
        ("user", "How are you?"),
    ]
    assert [(m.role, m.content) for m in row.rendered_messages] == sent
    assert "How are you?" not in str(row.input_data)


async def test_an_application_that_keeps_no_contents_keeps_no_message(place: Place) -> None:
    changes = ApplicationChanges(log_content="none")
    await update_application(SYSTEM, place.prompt.application_id, changes)
    request = place.request(variables={"name": "Ada"}, messages=said("canary-of-a-message"))

    await run(place.scope, request, engine=an_engine(ScriptedProvider(["Fine."])))

    assert "canary-of-a-message" not in (await the_row()).model_dump_json()


@pytest.mark.parametrize("talk", [said(KEY), said("Hello", KEY, "Well?")])
async def test_checks_see_them_as_given_by_the_caller(
    place: Place, talk: tuple[Message, ...]
) -> None:
    provider = ScriptedProvider(["Fine."])
    request = await guarded(place, SECRETS, variables={"name": "Ada"}, messages=talk)

    with pytest.raises(GuardrailBlocked):
        await run(place.scope, request, engine=an_engine(provider))

    assert provider.requests == []


@pytest.mark.parametrize(
    ("text", "error"),
    [(" \n", Invalid), ("a\ud800", Invalid), ("a" * (MAX_MESSAGE_BYTES + 1), TooLarge)],
)
async def test_what_cannot_be_sent_is_refused_by_name(
    place: Place, text: str, error: type[PromptHubError]
) -> None:
    request = place.request(variables={"name": "Ada"}, messages=said(text))

    with pytest.raises(error) as refused:
        await run(place.scope, request, engine=an_engine(ScriptedProvider(["Fine."])))

    assert refused.value.facts["field"] == "message"


def test_another_message_is_another_request(place: Place) -> None:
    digests = {digest_of(place.request(messages=talk)) for talk in ((), said("a"), said("a", "b"))}

    assert len(digests) == 3
