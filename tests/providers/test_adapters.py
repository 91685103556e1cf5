"""One contract for every adapter, over HTTP against the fake server, plain and streamed."""

import asyncio
import time
from collections.abc import AsyncGenerator, Generator

import pytest

from core.errors import ProviderError, ProviderRefused, ProviderTimeout
from core.providers.base import Chunk, Completion, CompletionRequest, Provider
from core.providers.retry import MAX_CALLS, Attempts
from core.values.generation import ModelParams
from core.values.messages import Message
from prompthub.wire.literals import ConnectionKind
from tests.adapters import KINDS, MODES, REFUSALS, UNUSABLE, Mode, connected
from tests.fake_dialects import QUIRKS
from tests.fake_provider import RAW_USAGE, STREAM_FAULTS, FakeProvider, running

DEADLINE_SECONDS = 10.0


@pytest.fixture
def fake() -> Generator[FakeProvider]:
    with running() as fake:
        yield fake


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> ConnectionKind:
    return request.param


@pytest.fixture
async def provider(kind: ConnectionKind, fake: FakeProvider) -> AsyncGenerator[Provider]:
    provider = connected(kind, fake, "sk-canary")
    yield provider
    await provider.close()


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> Mode:
    return request.param


def a_request(model: str, params: ModelParams | None = None) -> CompletionRequest:
    messages = (
        Message(role="system", content="Be brief."),
        Message(role="user", content="What is the capital of France?"),
    )
    return CompletionRequest(model=model, messages=messages, params=params or ModelParams())


def quick(_longest_seconds: float) -> float:
    return 0.0


async def ask(
    provider: Provider, model: str, mode: Mode, *, deadline_seconds: float = DEADLINE_SECONDS
) -> tuple[Completion, list[str]]:
    attempts = Attempts(provider, deadline_seconds=deadline_seconds, jitter=quick)
    if mode == "plain":
        return await attempts.complete(a_request(model)), []
    pieces: list[str] = []
    completion: Completion | None = None
    async for item in attempts.stream(a_request(model)):
        if isinstance(item, Chunk):
            pieces.append(item.text)
        else:
            completion = item
    assert completion is not None
    return completion, pieces


async def test_getting_ready_asks_nothing_and_is_done_once(
    provider: Provider, fake: FakeProvider
) -> None:
    await asyncio.gather(provider.open("gpt-4o-mini"), provider.open("gpt-4o-mini"))

    assert fake.chats == []
    completion, _ = await ask(provider, "gpt-4o-mini", "plain")
    assert completion.text.strip() == "Paris is the capital of France."


async def test_an_answer_brings_text_usage_and_model(provider: Provider, mode: Mode) -> None:
    completion, pieces = await ask(provider, "gpt-4o-mini", mode)

    assert completion.text.strip() == "Paris is the capital of France."
    assert mode == "plain" or "".join(pieces) == completion.text
    assert completion.usage is not None
    assert (completion.usage.input_tokens, completion.usage.output_tokens) == (9, 3)
    assert completion.response_model is not None
    assert completion.response_model.startswith("gpt-4o-mini")
    assert completion.finish_reason == "stop"


@pytest.mark.parametrize(
    ("model", "error", "most_calls"), [(model, *expected) for model, expected in REFUSALS.items()]
)
async def test_a_refused_call_gives_its_typed_error_within_few_calls(
    provider: Provider,
    fake: FakeProvider,
    mode: Mode,
    model: str,
    error: type[ProviderError],
    most_calls: int,
) -> None:
    with pytest.raises(error) as raised:
        await ask(provider, model, mode)

    assert len(fake.requests) == most_calls
    assert "PROVIDER-RAW-TEXT" not in raised.value.message
    assert "sk-canary" not in str(raised.value.facts)
    assert raised.value.model == model


async def test_a_redirect_is_never_followed(provider: Provider, fake: FakeProvider) -> None:
    with pytest.raises(ProviderRefused):
        await ask(provider, "fault-redirect", "plain")

    assert all(seen.path != "/elsewhere" for seen in fake.requests)


async def test_retry_after_is_waited_for(
    provider: Provider, fake: FakeProvider, mode: Mode
) -> None:
    began = time.perf_counter()

    completion, _ = await ask(provider, "fault-429-once", mode)

    assert time.perf_counter() - began >= 1.0
    assert len(fake.chats) == 2
    assert completion.text


async def test_a_passing_failure_is_tried_again(
    provider: Provider, fake: FakeProvider, mode: Mode
) -> None:
    completion, _ = await ask(provider, "fault-500-once", mode)

    assert len(fake.chats) == 2
    assert completion.text


@pytest.mark.parametrize("model", UNUSABLE)
async def test_an_unusable_answer_is_an_error_and_never_a_quiet_success(
    provider: Provider, fake: FakeProvider, mode: Mode, model: str
) -> None:
    with pytest.raises(ProviderError) as raised:
        await ask(provider, model, mode)

    assert len(fake.chats) <= MAX_CALLS
    assert "PROVIDER-RAW-TEXT" not in raised.value.message


@pytest.mark.parametrize("model", STREAM_FAULTS)
async def test_a_stream_that_has_begun_is_not_asked_for_again(
    provider: Provider, fake: FakeProvider, model: str
) -> None:
    with pytest.raises(ProviderError):
        await ask(provider, model, "stream")

    assert len(fake.chats) == 1


@pytest.mark.parametrize("model", RAW_USAGE)
async def test_usage_that_cannot_be_true_is_dropped(
    provider: Provider, kind: ConnectionKind, mode: Mode, model: str
) -> None:
    if kind == "langchain" and mode == "stream":
        pytest.skip("LangChain itself refuses a stream with such a usage")

    completion, _ = await ask(provider, model, mode)

    assert completion.usage is None
    assert completion.text


@pytest.mark.parametrize("model", QUIRKS)
async def test_what_a_local_server_leaves_out_is_not_missed(
    fake: FakeProvider, mode: Mode, model: str
) -> None:
    provider = connected("compatible", fake, None)

    completion, _ = await ask(provider, model, mode)

    assert completion.text.strip() == fake.answer
    assert completion.usage is None
    assert completion.finish_reason == "stop"
    await provider.close()


async def test_hostile_text_becomes_storable_and_stays_text(provider: Provider, mode: Mode) -> None:
    completion, _ = await ask(provider, "fault-hostile-text", mode)

    assert completion.text == "<script>alert(1)</script> a\ufffdb \ufffd c \U0001f600"


@pytest.mark.parametrize("model", ["fault-hang", "slow"])
async def test_the_deadline_is_kept(
    provider: Provider, fake: FakeProvider, mode: Mode, model: str
) -> None:
    fake.slow_seconds = 0.9
    await ask(provider, "gpt-4o-mini", "plain")  # the SDK is imported by now
    began = time.perf_counter()

    with pytest.raises(ProviderTimeout):
        await ask(provider, model, mode, deadline_seconds=1.0)

    assert time.perf_counter() - began < 2.0
    assert len(fake.chats) == 2


async def test_a_server_that_is_not_there_is_an_error_after_few_calls(
    kind: ConnectionKind,
) -> None:
    with running() as gone:
        provider = connected(kind, gone, "sk-canary")
    attempts = Attempts(provider, deadline_seconds=10, jitter=quick)

    with pytest.raises(ProviderError) as raised:
        await attempts.complete(a_request("gpt-4o-mini"))

    assert raised.value.is_retryable
    assert attempts.made == MAX_CALLS
    await provider.close()


async def test_closing_a_stream_closes_it_upstream(provider: Provider, fake: FakeProvider) -> None:
    stream = provider.stream(a_request("slow"), deadline_seconds=10)

    await anext(stream)
    await stream.aclose()

    assert await eventually_disconnected(fake)


async def eventually_disconnected(fake: FakeProvider) -> bool:
    for _ in range(100):
        if fake.chats[0].was_disconnected:
            return True
        await asyncio.sleep(0.05)
    return False


async def test_proxy_variables_are_ignored(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")

    completion, _ = await ask(provider, "gpt-4o-mini", "plain")

    assert completion.text
