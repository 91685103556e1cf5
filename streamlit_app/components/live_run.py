"""Own a streamed execution of one browser session, which outlives the reruns of its page.

A rerun (a field edited, the second click of a double click) interrupts the script that draws the
answer, not the answer: the next run of the page goes on where that one was. Only `stop`, another
page, and the end of the session close the stream, and with it the call upstream.
"""

import time
from collections.abc import AsyncGenerator, Callable

import streamlit as st
from bson import ObjectId
from streamlit.runtime.scriptrunner import StopException

from core.clock import Stopwatch
from core.errors import PromptHubError
from core.execution.recording import execution_of
from core.execution.stream import Chunk, ExecutionResult, Started
from streamlit_app import bridge

# Resending a growing text for each token costs eight times the traffic.
DRAW_SECONDS = 0.05
_STATE = "live_run"
_PAGE = "playground"

Stream = AsyncGenerator[Started | Chunk | ExecutionResult, None]


class LiveRun:
    """One run: what has arrived so far, and how it ended."""

    def __init__(self, stream: Stream) -> None:
        self.started: Started | None = None
        self.result: ExecutionResult | None = None
        self.error: PromptHubError | None = None
        self.was_stopped = False
        self.text = ""
        self._watch = Stopwatch()
        self._arrivals = bridge.multiplex({"run": stream})

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.was_stopped or self.result is not None or self.error is not None

    @property
    def execution_id(self) -> ObjectId | None:
        """The row of the log; None before it is written."""
        if self.error is not None:
            return execution_of(self.error)
        return self.started.execution_id if self.started else None

    def elapsed_ms(self) -> float:
        """Return the time since the start."""
        return self._watch.elapsed_ms()

    def follow(self, draw: Callable[[], None]) -> None:
        """Take what arrives and call `draw` until the run is over.

        `draw` is where Streamlit interrupts the script; then the run waits for the next `follow`.
        """
        drawn_at = float("-inf")
        try:
            for arrival in self._arrivals:
                self._take(arrival)
                if time.monotonic() - drawn_at >= DRAW_SECONDS:
                    draw()
                    drawn_at = time.monotonic()
        except StopException:
            # The browser has gone; a rerun is another exception.
            self.stop()
            raise

    def stop(self) -> None:
        """Close the stream and the call upstream, unless it is over."""
        if not self.is_over:
            self.was_stopped = True
            self._arrivals.close()

    def _take(
        self,
        arrival: bridge.Item[str, Started | Chunk | ExecutionResult]
        | bridge.Ended[str]
        | bridge.Failed[str]
        | bridge.Tick,
    ) -> None:
        match arrival:
            case bridge.Item(value=value):
                self._hear(value)
            case bridge.Failed(error=PromptHubError() as error):
                self.error = error
            case bridge.Failed(error=error):
                self.error = PromptHubError("Something went wrong inside.")
                raise error
            case bridge.Ended() | bridge.Tick():
                pass

    def _hear(self, value: Started | Chunk | ExecutionResult) -> None:
        match value:
            case Started():
                self.started = value
            case Chunk(text=text):
                self.text += text
            case ExecutionResult(text=text):
                self.result, self.text = value, text


def keep(run: LiveRun) -> None:
    """Make it the run of this browser session."""
    st.session_state[_STATE] = run


def stop_elsewhere(url_path: str) -> None:
    """Stop the run of this session when the page shown is not the one that draws it."""
    run: LiveRun | None = st.session_state.get(_STATE)
    if run is not None and url_path != _PAGE:
        run.stop()
