"""Own that a click is heard to its end before the next message of its tab is handed on.

Streamlit gives way to the next message wherever a run uses it: before the callbacks of a click, so
that the click is lost, or before the page has come to its button, so that nothing sees the press.
"""

import asyncio

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

# A page is drawn within a third of that; what waits for a model must be open for Stop.
_DRAWN_SECONDS = 1.0
# A click that never comes to its run, as one of a fragment that is gone, holds nothing up for long.
_LONGEST_SECONDS = 5.0
_TRIGGERS = ("trigger_value", "string_trigger_value", "json_trigger_value", "chat_input_value")


class Turns:
    """The click of one browser tab that has its turn, if any."""

    def __init__(self) -> None:
        self._clicked: frozenset[str] = frozenset()
        self._fragment = ""
        self._has_begun = self._is_drawing = False
        self._over = asyncio.Event()
        self._over.set()
        self._timer: asyncio.TimerHandle | None = None

    async def wait_for(self, state: ClientState) -> None:
        """Wait until a message can be handed on; the second half of a double click need not."""
        if not clicked_in(state) or clicked_in(state) != self._clicked:
            await self._over.wait()

    def begin(self, state: ClientState) -> None:
        """Take note that a message was handed on."""
        clicked = clicked_in(state)
        if not clicked:
            return
        self._clicked, self._fragment = clicked, state.fragment_id
        self._has_begun = self._is_drawing = False
        self._over.clear()
        self._end_after(_LONGEST_SECONDS)

    def told(self, message: ForwardMsg) -> None:
        """Take note of how the run of the click goes on."""
        if self._over.is_set():
            return
        match message.WhichOneof("type"):
            case "new_session":
                fragments = message.metadata.run.fragment_ids
                self._has_begun = not self._fragment or self._fragment in fragments
            case "delta" if self._has_begun and not self._is_drawing:
                self._is_drawing = True
                self._end_after(_DRAWN_SECONDS)
            case "script_finished" if self._has_begun:
                if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    self._over.set()
                # Else the page asked for another run, or a message came before: that one counts.
                self._has_begun, self._fragment = False, ""
            case _:
                pass

    def _end_after(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._over.set)


def clicked_in(state: ClientState) -> frozenset[str]:
    """Return the widgets that were pressed; values of other widgets come again by themselves."""
    return frozenset(one.id for one in state.widget_states.widgets if _is_trigger(one))


def _is_trigger(widget: WidgetState) -> bool:
    return any(widget.HasField(name) for name in _TRIGGERS)
