"""Own work that takes longer than a click: started once, watched with a bar, whatever reruns."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import streamlit as st

from core.errors import PromptHubError

T = TypeVar("T")

Progress = Callable[[int, int], None]
# How often the bar is drawn at most.
DRAWN_EVERY_SECONDS = 0.1


@dataclass
class Job(Generic[T]):
    """One piece of work on the event loop; pages only look at it.

    `error` and `defect` say why it failed: for people, or as a fault of the program.
    """

    done: int = 0
    total: int = 0
    result: T | None = None
    error: PromptHubError | None = None
    defect: Exception | None = None
    _over: threading.Event = field(default_factory=threading.Event)
    _task: "asyncio.Task[None] | None" = None

    async def start(self, work: Callable[[Progress], Coroutine[Any, Any, T]]) -> "Job[T]":
        """Begin the work in the background; it goes on when the page is left."""
        self._task = asyncio.create_task(self._run(work))
        return self

    def watch(self, words: str) -> None:
        """Draw the progress until the work is over; a rerun in between just watches on.

        Raises:
            Exception: the work failed by a fault of the program.
        """
        bar = st.progress(0.0, words)
        while not self._over.wait(DRAWN_EVERY_SECONDS):
            share = self.done / self.total if self.total else 0.0
            bar.progress(share, f"{words} {self.done:,} of {self.total:,}" if self.total else words)
        bar.empty()
        if self.defect is not None:
            raise self.defect

    async def _run(self, work: Callable[[Progress], Coroutine[Any, Any, T]]) -> None:
        try:
            self.result = await work(self._tell)
        except PromptHubError as error:
            self.error = error
        except Exception as error:  # noqa: BLE001  # raised again in the page that watches
            self.defect = error
        finally:
            self._over.set()

    def _tell(self, done: int, total: int) -> None:
        self.done, self.total = done, total
