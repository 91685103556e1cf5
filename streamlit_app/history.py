"""Own that one act of a person is one step of the browser's history.

Each change that a run makes to the address would be a step of its own: after "Saved" of a
comparison the way back took four.
"""

import asyncio
from contextlib import suppress

from starlette.types import Message, Send
from starlette.websockets import WebSocketDisconnect

# A run that goes on may be a long one: its address must be there when the page is loaded again.
_GATHERING_SECONDS = 0.25
_ENDS = frozenset({"new_session", "script_finished"})


class Steps:
    """The way to one browser tab: changes of the address go out together, when their run ends."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._latest: Message | None = None
        # Whether the run has drawn anything; what its click changed comes before that.
        self._is_drawing = False
        self._waiting: asyncio.Task[None] | None = None

    async def send(self, message: Message, kind: str | None) -> None:
        """Send a message of Streamlit, of the given kind."""
        if kind == "page_info_changed":
            if self._latest is None:
                self._waiting = asyncio.create_task(self._wait())
            self._latest = message
            return
        if kind in _ENDS or (kind == "delta" and not self._is_drawing):
            await self._take_step()
            self._is_drawing = kind == "delta"
        await self._send(message)

    async def _take_step(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        latest, self._latest = self._latest, None
        if latest is not None:
            await self._send(latest)

    async def _wait(self) -> None:
        await asyncio.sleep(_GATHERING_SECONDS)
        self._waiting = None
        with suppress(WebSocketDisconnect, RuntimeError):  # the tab is gone: there is no address
            await self._take_step()
