"""Own what becomes of messages that a page sent before it knew that it is elsewhere by now.

The browser gathers what was typed and sends it a moment later, so that it can come after the click
on a link that followed it, or after the server has led to another address. Streamlit would run such
a message for the page that was left: with a fragment the new page stays empty, without one the old
page comes back. See docs/decisions/0044-late-messages.md.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from google.protobuf.message import DecodeError
from starlette.types import Message, Receive, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from streamlit_app.history import Steps
from streamlit_app.navigation import ABOUT

# Messages that tell of a page are about 10 KiB; the large ones are tables and charts.
_LARGEST_BYTES = 64 * 1024


@dataclass
class Place:
    """The page a browser tab is on, and its address after the question mark."""

    page: str = ""
    address: str | None = None

    def told(self, message: ForwardMsg) -> None:
        """Take note of where a message to the browser leads."""
        match message.WhichOneof("type"):
            case "new_session":
                self._enter(message.new_session.page_script_hash)
            case "navigation":
                self._enter(message.navigation.page_script_hash)
            case "page_info_changed":
                self.address = message.page_info_changed.query_string
            case _:
                pass

    def corrected(self, data: bytes) -> bytes | None:
        """Return a message of the browser as it is meant to be, None if its page was left."""
        try:
            message = BackMsg.FromString(data)
        except DecodeError:
            return data  # Streamlit says what it thinks of it
        if message.WhichOneof("type") != "rerun_script":
            return data
        state = message.rerun_script
        if _leads(state) or not self.page:
            self.page, self.address = state.page_script_hash, state.query_string
            return data
        if state.page_script_hash != self.page:
            return None
        if self.address is None or _about(state.query_string) == _about(self.address):
            self.address = state.query_string
            return data
        state.query_string = self.address
        return message.SerializeToString()

    def _enter(self, page: str) -> None:
        """Take note that the server led to a page; the browser tells its address."""
        if page != self.page:
            self.page, self.address = page, None


def in_order(receive: Receive, send: Send) -> tuple[Receive, Send]:
    """Return the two ends of a connection of a page with late messages put right."""
    place, steps = Place(), Steps(send)

    async def receive_corrected() -> Message:
        while True:
            message = await receive()
            data: bytes | None = message.get("bytes")
            if data is None:
                return message
            corrected = place.corrected(data)
            if corrected is not None:
                return {**message, "bytes": corrected}

    async def send_noted(message: Message) -> None:
        data: bytes = message.get("bytes") or b""
        told = ForwardMsg.FromString(data if len(data) <= _LARGEST_BYTES else b"")
        place.told(told)
        await steps.send(message, told.WhichOneof("type"))

    return receive_corrected, send_noted


def _leads(state: ClientState) -> bool:
    """Whether a link or the history sent it, rather than a widget of a page."""
    is_of_widget = bool(state.fragment_id or state.widget_states.widgets)
    return state.is_history_navigation or not is_of_widget


def _about(query: str) -> list[tuple[str, str]]:
    pairs = parse_qsl(query.lstrip("?"), keep_blank_values=True)
    return sorted(pair for pair in pairs if pair[0] in ABOUT)
