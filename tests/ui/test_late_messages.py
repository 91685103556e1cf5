"""Messages that a page sent before it knew that it is elsewhere by now."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.types import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from streamlit_app.late_messages import in_order


class Tab:
    """One connection, with both directions of its messages."""

    def __init__(self) -> None:
        self._sent: list[Message] = []
        self._receive, self._send = in_order(self._from_browser, self._to_browser)

    async def _from_browser(self) -> Message:
        return self._sent.pop(0) if self._sent else {"type": "websocket.disconnect"}

    async def _to_browser(self, message: Message) -> None:
        assert message["type"] == "websocket.send"

    async def says(self, query: str = "", **state: Any) -> str | None:
        """Send a rerun; return the address that Streamlit gets with it, None if it gets nothing."""
        message = BackMsg(rerun_script=ClientState(query_string=query, **state))
        self._sent.append({"type": "websocket.receive", "bytes": message.SerializeToString()})
        received = await self._receive()
        if received["type"] == "websocket.disconnect":
            return None
        return BackMsg.FromString(received["bytes"]).rerun_script.query_string

    async def opens(self, page: str, query: str = "") -> None:
        """Click on a link and get the page."""
        assert await self.says(query, page_script_hash=page) == query
        await self.hears(new_session={"page_script_hash": page})

    async def hears(self, **told: Any) -> None:
        message = ForwardMsg(**told).SerializeToString()
        await self._send({"type": "websocket.send", "bytes": message})


def of_widget(page: str, **state: Any) -> dict[str, Any]:
    return {
        "page_script_hash": page,
        "widget_states": {"widgets": [{"id": "a", "string_value": "typed"}]},
        **state,
    }


@pytest.fixture
def tab() -> Tab:
    return Tab()


@pytest.mark.parametrize("fragment", ["", "f1"])
async def test_words_of_the_page_that_was_left_for_a_link_do_not_arrive(
    tab: Tab, fragment: str
) -> None:
    await tab.opens("editor", "prompt=p")
    assert await tab.says("prompt=p", **of_widget("editor", fragment_id=fragment)) == "prompt=p"

    assert await tab.says("", page_script_hash="log") == ""
    assert await tab.says("prompt=p", **of_widget("editor", fragment_id=fragment)) is None
    await tab.hears(new_session={"page_script_hash": "log"})
    assert await tab.says("prompt=p", **of_widget("editor", fragment_id=fragment)) is None

    assert await tab.says("", **of_widget("log")) == ""


LED: list[dict[str, Any]] = [
    {"new_session": {"page_script_hash": "editor"}},
    {"navigation": {"page_script_hash": "editor"}},
]


@pytest.mark.parametrize("told", LED)
async def test_a_page_the_server_led_to_counts_with_the_address_the_browser_has(
    tab: Tab, told: dict[str, Any]
) -> None:
    await tab.opens("library", "application=a")

    await tab.hears(**told)

    assert await tab.says("application=a", **of_widget("library")) is None
    assert await tab.says("prompt=p", **of_widget("editor")) == "prompt=p"


async def test_a_widget_acts_at_the_address_the_server_led_to(tab: Tab) -> None:
    await tab.opens("compare", "prompt=p&column=1")
    await tab.hears(page_info_changed={"query_string": "comparison=c"})

    late = await tab.says("prompt=p&column=1", **of_widget("compare"))
    later = await tab.says("comparison=c&input=2", **of_widget("compare"))

    assert late == "comparison=c"
    assert later == "comparison=c&input=2"


async def test_what_two_clicks_in_a_row_change_stands_both_times(tab: Tab) -> None:
    """Two versions are ticked before the browser has the address of the first tick."""
    await tab.opens("versions", "prompt=p")
    await tab.hears(page_info_changed={"query_string": "prompt=p&compare=1"})
    assert await tab.says("prompt=p", **of_widget("versions")) == "prompt=p&compare=1"
    await tab.hears(page_info_changed={"query_string": "prompt=p&compare=1..2"})

    late = [await tab.says(query, **of_widget("versions")) for query in ("prompt=p", "prompt=p")]
    seen = await tab.says("prompt=p&compare=1..2", **of_widget("versions"))
    closed = await tab.says("prompt=p", **of_widget("versions"))

    assert late == ["prompt=p&compare=1..2"] * 2
    assert seen == "prompt=p&compare=1..2"
    assert closed == "prompt=p"


BOUND: list[dict[str, Any]] = [
    {"new_element": {"pagination": {"query_param_key": "page"}}},
    {"add_block": {"tab_container": {"query_param_key": "page"}}},
]


@pytest.mark.parametrize("drawn", BOUND)
async def test_what_belongs_to_a_widget_the_browser_knows_best(
    tab: Tab, drawn: dict[str, Any]
) -> None:
    await tab.opens("log", "page=3")
    await tab.hears(delta=drawn)
    await tab.hears(page_info_changed={"query_string": "status=failed"})

    assert await tab.says("page=3", **of_widget("log")) == "status=failed&page=3"


async def test_a_new_page_has_nothing_of_the_last_one(tab: Tab) -> None:
    await tab.opens("compare", "prompt=p")
    await tab.hears(page_info_changed={"query_string": "comparison=c"})
    await tab.opens("editor", "prompt=p")

    assert await tab.says("prompt=p", **of_widget("editor")) == "prompt=p"


BACK: list[Callable[[], dict[str, Any]]] = [
    lambda: {"page_script_hash": "compare"},
    lambda: of_widget("compare", is_history_navigation=True),
]


@pytest.mark.parametrize("back", BACK)
async def test_links_and_the_history_lead_back(
    tab: Tab, back: Callable[[], dict[str, Any]]
) -> None:
    await tab.opens("compare", "prompt=p")
    await tab.hears(page_info_changed={"query_string": "comparison=c"})

    assert await tab.says("prompt=p", **back()) == "prompt=p"
    assert await tab.says("prompt=p", **of_widget("compare")) == "prompt=p"


async def test_a_new_connection_tells_where_it_is(tab: Tab) -> None:
    assert await tab.says("prompt=p", **of_widget("editor")) == "prompt=p"
    assert await tab.says("prompt=p", **of_widget("editor")) == "prompt=p"


async def test_what_is_no_message_of_a_page_passes() -> None:
    passed: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.receive", "bytes": b"\xff"}

    async def send(message: Message) -> None:
        passed.append(message)

    receive_corrected, send_noted = in_order(receive, send)

    assert (await receive_corrected())["bytes"] == b"\xff"
    await send_noted({"type": "websocket.close"})
    assert passed == [{"type": "websocket.close"}]
