import asyncio

import pytest

from core.errors import ProviderError, ProviderOverloaded
from core.providers.base import Chunk, CompletionRequest
from core.providers.retry import MAX_CALLS, Attempts
from core.providers.scripted import ScriptedProvider
from core.values.messages import Message

ASKED = CompletionRequest(model="m", messages=(Message(role="user", content="Hello"),))
PASSING = ProviderError("It failed.", provider="scripted", is_retryable=True)
LASTING = ProviderError("It refused.", provider="scripted")


class SlowToOpen(ScriptedProvider):
    """Gets ready as slowly as one whose SDK is imported first."""

    async def open(self, model: str) -> None:
        del model
        await asyncio.sleep(0.5)


def quick(_longest_seconds: float) -> float:
    return 0.0


async def test_only_what_may_pass_is_tried_again() -> None:
    provider = ScriptedProvider([PASSING, PASSING, "Paris"])
    attempts = Attempts(provider, deadline_seconds=5, jitter=quick)

    completion = await attempts.complete(ASKED)

    assert completion.text == "Paris"
    assert attempts.made == 3


async def test_a_lasting_failure_is_not_tried_again() -> None:
    attempts = Attempts(ScriptedProvider([LASTING]), deadline_seconds=5, jitter=quick)

    with pytest.raises(ProviderError, match="refused"):
        await attempts.complete(ASKED)

    assert attempts.made == 1


async def test_there_are_never_more_than_four_calls() -> None:
    attempts = Attempts(ScriptedProvider([PASSING]), deadline_seconds=5, jitter=quick)

    with pytest.raises(ProviderError):
        await attempts.complete(ASKED)

    assert attempts.made == MAX_CALLS == 4


async def test_a_wait_beyond_the_deadline_is_not_begun() -> None:
    busy = ProviderOverloaded("Busy.", provider="scripted", retry_after_seconds=60)
    attempts = Attempts(ScriptedProvider([busy]), deadline_seconds=1, jitter=quick)

    with pytest.raises(ProviderOverloaded):
        await attempts.complete(ASKED)

    assert attempts.made == 1


async def test_a_stream_is_tried_again_before_its_first_piece() -> None:
    provider = ScriptedProvider([PASSING, "Paris in France"])
    attempts = Attempts(provider, deadline_seconds=5, jitter=quick)

    items = [item async for item in attempts.stream(ASKED)]

    assert "".join(item.text for item in items if isinstance(item, Chunk)) == "Paris in France"
    assert attempts.made == 2


async def test_getting_ready_is_not_part_of_the_deadline() -> None:
    attempts = Attempts(SlowToOpen(["Paris"]), deadline_seconds=0.4, jitter=quick)

    await attempts.open(ASKED)

    assert (await attempts.complete(ASKED)).text == "Paris"


async def test_what_is_stopped_while_it_gets_ready_is_not_asked() -> None:
    provider = SlowToOpen(["Paris"])
    attempts = Attempts(provider, deadline_seconds=5, jitter=quick)
    opening = asyncio.create_task(attempts.open(ASKED))
    await asyncio.sleep(0)

    attempts.stop(LASTING)

    with pytest.raises(ProviderError, match="refused"):
        await opening
    assert provider.requests == []
