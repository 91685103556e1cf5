"""Own work that takes longer than a click: started once, watched with a bar, whatever reruns.

A second click aborts a page at its next use of Streamlit, so what runs is kept on a plain object
and never on its way from one place to another.
"""

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

    `error` stays until the next start, so that it can be shown.
    """

    error: PromptHubError | None = None
    _done: int = 0
    _total: int = 0
    _result: T | None = None
    _defect: Exception | None = None
    _over: threading.Event = field(default_factory=threading.Event)
    _task: "asyncio.Task[None] | None" = None

    @property
    def is_under_way(self) -> bool:
        """Whether it was started and its result was not told yet."""
        return self._task is not None

    @property
    def is_over(self) -> bool:
        """Whether the last work has ended, told or not."""
        return self._over.is_set()

    async def start(self, work: Callable[[Progress], Coroutine[Any, Any, T]]) -> None:
        """Begin the work in the background unless it runs; it goes on when the page is left."""
        if self._task is None:
            self.error = self._defect = None
            self._over.clear()
            self._task = asyncio.create_task(self._run(work))

    def watch(self, words: str) -> T | None:
        """Draw the progress until the work is over, and return what it gave.

        It gave nothing where it was not started or has failed. Until `forget` every run of the
        page gets the result again.

        Raises:
            Exception: the work failed by a fault of the program.
        """
        if self._task is None:
            return None
        bar = st.progress(0.0, words)
        while not self._over.wait(DRAWN_EVERY_SECONDS):
            if self._total:
                told = f"{words} {self._done:,} of {self._total:,}"
                bar.progress(self._done / self._total, told)
        bar.empty()
        if self._result is None:
            self._task = None
        if self._defect is not None:
            raise self._defect
        return self._result

    def cancel(self) -> None:
        """End the work where it stands; it gives nothing. May be called from a page."""
        if self._task is not None:
            self._task.get_loop().call_soon_threadsafe(self._task.cancel)

    def forget(self) -> None:
        """Be ready for another start, once the result is told."""
        self._task, self._result = None, None
        self._done, self._total = 0, 0

    async def _run(self, work: Callable[[Progress], Coroutine[Any, Any, T]]) -> None:
        try:
            self._result = await work(self._tell)
        except PromptHubError as error:
            self.error = error
        except Exception as error:  # noqa: BLE001  # raised again in the page that watches
            self._defect = error
        finally:
            self._over.set()

    def _tell(self, done: int, total: int) -> None:
        self._done, self._total = done, total


def job_of(key: str, kind: type[T]) -> Job[T]:
    """Return the job of this name in this browser session; `kind` is the type of its result."""
    del kind
    return st.session_state.setdefault(f"job_{key}", Job[T]())
