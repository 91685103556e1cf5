"""What of the parameters reaches each vendor, and what is left out and recorded."""

from collections.abc import Generator

import pytest
from pydantic import SecretStr

from core.errors import ProviderRefused
from core.providers import anthropic
from core.providers.anthropic import AnthropicProvider
from core.providers.base import CompletionRequest
from core.providers.openai import OpenAIProvider, map_params
from core.values.generation import ModelParams
from core.values.messages import Message
from tests.fake_provider import FakeProvider, running

EVERYTHING = ModelParams(
    temperature=0.5,
    max_tokens=10,
    top_p=0.9,
    frequency_penalty=0.1,
    presence_penalty=0.2,
    stop=("END",),
    seed=7,
)


@pytest.fixture
def fake() -> Generator[FakeProvider]:
    with running() as fake:
        yield fake


def a_request(model: str, params: ModelParams | None = None) -> CompletionRequest:
    messages = (
        Message(role="system", content="Be brief."),
        Message(role="user", content="What is the capital of France?"),
    )
    return CompletionRequest(model=model, messages=messages, params=params or ModelParams())


async def test_every_parameter_reaches_a_compatible_server(fake: FakeProvider) -> None:
    provider = OpenAIProvider(name="local", base_url=fake.url, api_key=None)

    completion = await provider.complete(a_request("llama3", EVERYTHING), deadline_seconds=5)

    assert completion.omitted_params == ()
    body = fake.chats[0].body
    sent = {name: body[name] for name in ModelParams.model_fields}
    assert sent == EVERYTHING.model_dump(mode="json")
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    await provider.close()


@pytest.mark.parametrize(
    ("model", "omitted"),
    [("o3-mini", ("stop", "temperature")), ("gpt-5-mini", ("stop", "temperature")), ("gpt-4o", ())],
)
def test_what_a_reasoning_model_does_not_take_is_left_out_and_recorded(
    model: str, omitted: tuple[str, ...]
) -> None:
    params = ModelParams(temperature=0.5, stop=("END",), max_tokens=9, seed=1)

    sent, left_out = map_params(params, model=model, is_official=True)

    assert left_out == omitted
    assert sent["max_completion_tokens"] == 9
    assert "max_tokens" not in sent
    assert not set(omitted) & sent.keys()


async def test_a_refused_parameter_is_named(fake: FakeProvider) -> None:
    provider = OpenAIProvider(name="openai", base_url=fake.url, api_key=None)

    with pytest.raises(ProviderRefused, match="temperature"):
        await provider.complete(a_request("fault-param"), deadline_seconds=5)

    await provider.close()


async def test_a_placeholder_key_is_sent_to_a_server_that_needs_none(fake: FakeProvider) -> None:
    provider = OpenAIProvider(name="local", base_url=fake.url, api_key=None)

    await provider.complete(a_request("llama3"), deadline_seconds=5)

    assert fake.chats[0].headers["authorization"] == "Bearer not-needed"
    await provider.close()


async def test_anthropic_gets_its_own_words_for_the_parameters(fake: FakeProvider) -> None:
    url = fake.url.removesuffix("/v1")
    provider = AnthropicProvider(name="anthropic", base_url=url, api_key=SecretStr("sk-ant"))

    completion = await provider.complete(
        a_request("claude-haiku-4-5", EVERYTHING), deadline_seconds=5
    )

    body = fake.chats[0].body
    assert body["system"] == "Be brief."
    assert [message["role"] for message in body["messages"]] == ["user"]
    assert (body["temperature"], body["max_tokens"], body["stop_sequences"]) == (0.5, 10, ["END"])
    assert completion.omitted_params == ("frequency_penalty", "presence_penalty", "seed", "top_p")
    assert not set(completion.omitted_params) & body.keys()
    assert fake.chats[0].headers["authorization"] == "Bearer sk-ant"
    await provider.close()


@pytest.mark.parametrize(
    ("model", "params", "omitted"),
    [
        ("claude-3-5-haiku-latest", ModelParams(temperature=1), ()),
        ("claude-opus-4-20250514", ModelParams(top_p=0.5), ()),
        ("claude-sonnet-4-6", ModelParams(temperature=1.5, top_p=0.5), ("temperature",)),
        ("claude-opus-4-8", ModelParams(temperature=0.5, top_p=1), ("temperature", "top_p")),
        ("claude-sonnet-5-5", ModelParams(temperature=0.5), ("temperature",)),
        ("claude-opus-5", ModelParams(stop=("END", "\n")), ("stop",)),
    ],
)
def test_what_a_model_of_anthropic_does_not_take_is_left_out_and_recorded(
    model: str, params: ModelParams, omitted: tuple[str, ...]
) -> None:
    sent, left_out = anthropic.map_params(params, model=model, is_official=True)

    assert left_out == omitted
    assert sent["max_tokens"] == anthropic.DEFAULT_MAX_TOKENS
    in_body = sent.get("extra_body", {})
    given = params.model_dump(exclude_none=True).keys() - {"stop"}
    assert in_body.keys() == given - set(omitted)
