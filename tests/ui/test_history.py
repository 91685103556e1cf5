"""One act of a person is one step of the browser's history."""

import asyncio

import pytest
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect

from streamlit_app.history import Steps


class Sent(list[str]):
    """What the browser got, by the text of the messages."""

    def __init__(self) -> None:
        super().__init__()
        self.came = asyncio.Event()

    async def take(self, message: Message) -> None:
        self.append(message["text"])
        self.came.set()


def told(text: str) -> Message:
    return {"type": "websocket.send", "text": text}


@pytest.mark.parametrize("end", ["script_finished", "new_session"])
async def test_changes_of_the_address_go_out_together_before_the_run_ends(end: str) -> None:
    sent = Sent()
    steps = Steps(sent.take)

    await steps.send(told("a title"), "delta")
    await steps.send(told("?a"), "page_info_changed")
    await steps.send(told("a table"), "delta")
    await steps.send(told("?a&b"), "page_info_changed")
    await steps.send(told("end"), end)
    await steps.send(told("more"), None)

    assert sent == ["a title", "a table", "?a&b", "end", "more"]


async def test_what_a_click_changed_is_there_before_what_it_draws() -> None:
    """Who loads the page again at the sight of the answer has the address of the answer."""
    sent = Sent()
    steps = Steps(sent.take)

    await steps.send(told("begin"), "new_session")
    await steps.send(told("?a"), "page_info_changed")
    await steps.send(told("?a&b"), "page_info_changed")
    await steps.send(told("a table"), "delta")

    assert sent == ["begin", "?a&b", "a table"]


async def test_the_address_of_a_long_run_comes_while_it_runs() -> None:
    sent = Sent()
    steps = Steps(sent.take)

    await steps.send(told("?a"), "page_info_changed")
    async with asyncio.timeout(10):
        await sent.came.wait()
    await steps.send(told("?b"), "page_info_changed")
    await steps.send(told("end"), "script_finished")

    assert sent == ["?a", "?b", "end"]


async def test_a_tab_that_is_closed_meanwhile_is_no_defect() -> None:
    tried = asyncio.Event()

    async def closed(_message: Message) -> None:
        tried.set()
        raise WebSocketDisconnect

    await Steps(closed).send(told("?a"), "page_info_changed")
    async with asyncio.timeout(10):
        await tried.wait()
