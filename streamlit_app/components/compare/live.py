"""Own the comparisons that run in one browser session; each outlives the reruns of its page.

As with a single run (`components.live_run`), a thread reads the streams and pages only look; when
no page has looked for a while, the reader has left and the calls are ended.
"""

import threading
import time
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import closing
from dataclasses import dataclass, field

from bson import ObjectId

from core.clock import Stopwatch
from core.documents import Comparison
from core.errors import PromptHubError
from core.execution.compare import CellEvent, Position
from core.execution.recording import execution_of
from core.execution.request import ExecutionResult, Started
from core.providers.base import Chunk
from streamlit_app import bridge
from streamlit_app.components.live_run import (
    ABANDONED_SECONDS,
    DRAW_SECONDS,
    FIRST_LOOK_SECONDS,
)
from streamlit_app.components.once import GRACE_SECONDS

Streams = Mapping[int, AsyncGenerator[CellEvent, None]]


@dataclass
class LiveCell:
    """A cell that runs: what has arrived so far, and how it ended."""

    started: Started | None = None
    text: str = ""
    first_text_ms: float | None = None
    result: ExecutionResult | None = None
    error: PromptHubError | None = None
    ended_ms: float | None = None
    watch: Stopwatch = field(default_factory=Stopwatch)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.result is not None or self.error is not None

    @property
    def execution_id(self) -> ObjectId | None:
        """The row of the log; None before it is written."""
        if self.error is not None:
            return execution_of(self.error)
        return self.started.execution_id if self.started else None

    def hear(self, item: Started | Chunk | ExecutionResult | PromptHubError) -> None:
        """Take in what happened."""
        match item:
            case Started():
                self.started = item
            case Chunk(text=text):
                if self.first_text_ms is None and text:
                    self.first_text_ms = self.watch.elapsed_ms()
                self.text += text
            case ExecutionResult(text=text):
                self.text, self.result = text, item
            case PromptHubError():
                self.error, self.ended_ms = item, self.watch.elapsed_ms()


class LiveComparison:
    """One run of columns of a comparison; `is_continued` where others ran before."""

    def __init__(
        self, streams: Streams, expected: Collection[Position], *, is_continued: bool = False
    ) -> None:
        self.expected = frozenset(expected)
        self.is_continued = is_continued
        self.cells: dict[Position, LiveCell] = {}
        self.is_over = False
        self.was_stopped = False
        self._defect: Exception | None = None
        self._watch = Stopwatch()
        self._looked_at = time.monotonic() + FIRST_LOOK_SECONDS - ABANDONED_SECONDS
        threading.Thread(
            target=self._read, args=(streams,), name="live-comparison", daemon=True
        ).start()

    @property
    def ended(self) -> int:
        """How many cells have an answer or an error."""
        return sum(cell.is_over for cell in list(self.cells.values()))

    def elapsed_ms(self) -> float:
        """Return the time since the start."""
        return self._watch.elapsed_ms()

    def follow(self, draw: Callable[[], None]) -> None:
        """Call `draw` again and again until all is over; there Streamlit may interrupt.

        Raises:
            Exception: a column failed by a defect.
        """
        while not self.is_over:
            self._looked_at = time.monotonic()
            draw()
            time.sleep(DRAW_SECONDS)
        if self._defect is not None:
            raise self._defect

    def stop(self) -> None:
        """End the calls upstream; what has come is kept.

        The second click of a double click on Run meets Stop in its place, and stops nothing.
        """
        if self.elapsed_ms() > GRACE_SECONDS * 1000:
            self.was_stopped = True

    def _read(self, streams: Streams) -> None:
        try:
            with closing(bridge.multiplex(streams)) as arrivals:
                for arrival in arrivals:
                    if time.monotonic() - self._looked_at > ABANDONED_SECONDS:
                        self.was_stopped = True
                    if self.was_stopped:
                        return
                    match arrival:
                        case bridge.Item(value=event):
                            cell = self.cells.setdefault(event.position, LiveCell())
                            cell.hear(event.item)
                        case bridge.Failed(error=error):
                            self._defect = error
                        case bridge.Ended() | bridge.Tick():
                            pass
        finally:
            self.is_over = True


@dataclass
class LiveComparisons:
    """What runs in this session, by comparison."""

    running: dict[ObjectId, LiveComparison] = field(default_factory=dict[ObjectId, LiveComparison])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(
        self,
        comparison: Comparison,
        make: Callable[[], Streams],
        expected: Collection[Position],
        *,
        is_continued: bool = False,
    ) -> bool:
        """Begin a run of the comparison unless one is under way; say whether it began."""
        with self._lock:
            current = self.running.get(comparison.key)
            if current is not None and not current.is_over:
                return False
            self.running[comparison.key] = LiveComparison(
                make(), expected, is_continued=is_continued
            )
            return True
