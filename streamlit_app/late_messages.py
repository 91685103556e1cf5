"""Own what becomes of messages that a page sent before it knew that it is elsewhere by now.

The browser gathers what was typed and sends it a moment later, so that it can come after the click
on a link that followed it, or after the server has led to another address. Streamlit would run such
a message for the page that was left: with a fragment the new page stays empty, without one the old
page comes back. See docs/decisions/0044-late-messages.md and 0045-turns.md.
"""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode

from google.protobuf.message import DecodeError
from starlette.types import Message, Receive, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from streamlit_app.history import Steps
from streamlit_app.turns import Turns

# Messages that tell of a page are about 10 KiB; the large ones are tables and charts.
_LARGEST_BYTES = 64 * 1024

Address = dict[str, list[str]]


@dataclass
class Place:
    """The page a browser tab is on, and its address after the question mark."""

    page: str = ""
    _address: Address | None = None
    # What the browser can still say of a parameter that the server has changed since.
    _before: dict[str, list[list[str]]] = field(default_factory=dict[str, list[list[str]]])
    # Parameters that belong to widgets: the browser changes them itself.
    _bound: set[str] = field(default_factory=set[str])

    def told(self, message: ForwardMsg) -> None:
        """Take note of where a message to the browser leads."""
        match message.WhichOneof("type"):
            case "new_session":
                self._enter(message.new_session.page_script_hash)
            case "navigation":
                self._enter(message.navigation.page_script_hash)
            case "page_info_changed":
                self._change(_parse(message.page_info_changed.query_string))
            case "delta":
                self._bound |= _bound_names(message.delta)
            case _:
                pass

    def correct(self, state: ClientState) -> bool:
        """Put the address of a message right; return whether the page it is for is still open."""
        said = _parse(state.query_string)
        if _leads(state) or not self.page:
            self._enter(state.page_script_hash)
            self._address = said
            self._before.clear()
            return True
        if state.page_script_hash != self.page:
            return False
        self._address = self._put_right(said)
        if self._address != said:
            state.query_string = urlencode(self._address, doseq=True)
        return True

    def _enter(self, page: str) -> None:
        """Take note that the server led to a page; the browser tells its address."""
        if page != self.page:
            self.page, self._address = page, None
            self._before.clear()
            self._bound.clear()

    def _change(self, address: Address) -> None:
        """Take note that the server changed the address."""
        known = address if self._address is None else self._address
        for name in {*known, *address}:
            if known.get(name) != address.get(name):
                self._before.setdefault(name, []).append(known.get(name, []))
        self._address = address

    def _put_right(self, said: Address) -> Address:
        """Return an address that the browser told, with what it does not know yet."""
        known = said if self._address is None else self._address
        right = {
            name: known.get(name, []) if self._is_late(name, said) else said.get(name, [])
            for name in dict.fromkeys([*known, *said])
        }
        return {name: values for name, values in right.items() if values}

    def _is_late(self, name: str, said: Address) -> bool:
        if name in self._bound or said.get(name, []) not in self._before.get(name, []):
            self._before.pop(name, None)
            return False
        return True


def in_order(receive: Receive, send: Send) -> tuple[Receive, Send]:
    """Return the two ends of a connection of a page with its messages put right."""
    place, turns, steps = Place(), Turns(), Steps(send)

    async def receive_corrected() -> Message:
        while True:
            message = await receive()
            back = _read(message.get("bytes"))
            if back is None:
                return message
            state = back.rerun_script
            await turns.wait_for(state)
            if place.correct(state):
                turns.begin(state)
                return {**message, "bytes": back.SerializeToString()}

    async def send_noted(message: Message) -> None:
        data: bytes = message.get("bytes") or b""
        told = ForwardMsg.FromString(data if len(data) <= _LARGEST_BYTES else b"")
        place.told(told)
        await steps.send(message, told.WhichOneof("type"))
        turns.told(told)

    return receive_corrected, send_noted


def _read(data: bytes | None) -> BackMsg | None:
    """Return what a page asks to be run for, None for other messages."""
    try:
        message = BackMsg.FromString(data or b"")
    except DecodeError:
        return None  # Streamlit says what it thinks of it
    return message if message.WhichOneof("type") == "rerun_script" else None


def _leads(state: ClientState) -> bool:
    """Whether a link or the history sent it, rather than a widget of a page."""
    is_of_widget = bool(state.fragment_id or state.widget_states.widgets)
    return state.is_history_navigation or not is_of_widget


def _parse(query: str) -> Address:
    return parse_qs(query.lstrip("?"), keep_blank_values=True)


def _bound_names(delta: Delta) -> set[str]:
    """Return the parameters of the widget that is drawn."""
    kind = delta.WhichOneof("type")
    drawn = getattr(delta, kind) if kind else delta
    part = drawn.WhichOneof("type") if kind in {"new_element", "add_block"} else None
    name: str = getattr(getattr(drawn, part), "query_param_key", "") if part else ""
    return {name} if name else set()
