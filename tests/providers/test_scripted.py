from core.providers.base import Chunk, Completion, CompletionRequest
from core.providers.scripted import MAX_PIECES, ScriptedProvider, offline_demo
from core.values.messages import Message
from core.values.usage import Usage

ASKED = CompletionRequest(model="echo", messages=(Message(role="user", content="Where is Rome?"),))


async def test_the_demo_says_that_it_is_one_and_echoes_what_it_got() -> None:
    completion = await offline_demo().complete(ASKED, deadline_seconds=5)

    assert "offline demo" in completion.text
    assert "Where is Rome?" in completion.text
    assert completion.usage is not None
    assert completion.usage.is_estimated


async def test_the_pieces_joined_are_the_whole_text() -> None:
    text = "  one two\n\nthree " * 200
    provider = ScriptedProvider([text], usage=Usage(input_tokens=1, output_tokens=2))

    items = [item async for item in provider.stream(ASKED, deadline_seconds=5)]

    pieces = [item.text for item in items if isinstance(item, Chunk)]
    last = items[-1]
    assert "".join(pieces) == text
    assert 1 < len(pieces) <= MAX_PIECES
    assert isinstance(last, Completion)
    assert last.usage == Usage(input_tokens=1, output_tokens=2)


async def test_the_script_is_played_in_order_and_its_end_repeated() -> None:
    provider = ScriptedProvider(["one", "two"])

    texts = [(await provider.complete(ASKED, deadline_seconds=5)).text for _ in range(3)]

    assert texts == ["one", "two", "two"]
