"""Own a streamed execution of one browser session, which outlives the reruns of its page.

A rerun (a field edited, the second click of a double click) begins in a thread of its own while
the one before still draws, so the stream belongs to neither: a thread of the run reads it, and
pages only look. When no page has looked for a while, the reader has left and the call is ended.
"""

import threading
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import closing

from bson import ObjectId

from core.clock import Stopwatch
from core.errors import PromptHubError
from core.execution.recording import execution_of
from core.execution.stream import Chunk, ExecutionResult, Started
from streamlit_app import bridge

# Resending a growing text for each token costs eight times the traffic.
DRAW_SECONDS = 0.05
# Longer than a page takes to run again, short enough to pay few tokens for nobody; the first look
# waits for a page that is drawn anew, which takes longer on a busy machine.
ABANDONED_SECONDS = 4.0
FIRST_LOOK_SECONDS = 12.0

Stream = AsyncGenerator[Started | Chunk | ExecutionResult, None]


class LiveRun:
    """One run: what has arrived so far, and how it ended."""

    def __init__(self, stream: Stream) -> None:
        self.started: Started | None = None
        self.result: ExecutionResult | None = None
        self.error: PromptHubError | None = None
        self.was_stopped = False
        self.text = ""
        self._defect: Exception | None = None
        self._watch = Stopwatch()
        self._looked_at = time.monotonic() + FIRST_LOOK_SECONDS - ABANDONED_SECONDS
        threading.Thread(target=self._read, args=(stream,), name="live-run", daemon=True).start()

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

    def look(self) -> None:
        """Say that a page still shows the run; for pages that draw it again and again.

        Raises:
            Exception: the run failed by a defect.
        """
        self._looked_at = time.monotonic()
        if self._defect is not None:
            raise self._defect

    def follow(self, draw: Callable[[], None]) -> None:
        """Call `draw` again and again until the run is over; there Streamlit may interrupt.

        Raises:
            Exception: the run failed by a defect.
        """
        while not self.is_over:
            self.look()
            draw()
            time.sleep(DRAW_SECONDS)
        self.look()

    def stop(self) -> None:
        """End the run and the call upstream, unless it is over."""
        if not self.is_over:
            self.was_stopped = True

    def _read(self, stream: Stream) -> None:
        with closing(bridge.multiplex({"run": stream})) as arrivals:
            for arrival in arrivals:
                if time.monotonic() - self._looked_at > ABANDONED_SECONDS:
                    self.stop()
                if self.was_stopped:
                    return
                self._take(arrival)

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
                self._defect = error
                self.error = PromptHubError("Something went wrong inside.")
            case bridge.Ended() | bridge.Tick():
                pass

    def _hear(self, value: Started | Chunk | ExecutionResult) -> None:
        match value:
            case Started():
                self.started = value
            case Chunk(text=text):
                self.text += text
            case ExecutionResult(text=text):
                self.text, self.result = text, value
