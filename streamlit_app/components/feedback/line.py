"""Own the walk through the queue of one browser session: where it stands, and one key for one save.

The second press of a double press arrives in a run of its own; it carries the answer it was made
for, which is then no longer the open one.
"""

import threading
import time
from dataclasses import dataclass, field
from typing import Final

import streamlit as st
from bson import ObjectId
from pydantic import ValidationError

from core.errors import PromptHubError
from core.execution.log import get_execution
from core.feedback import NewRating, rate_execution
from core.feedback.queue import Queue, QueueQuery, load_queue
from core.values.scope import Scope
from prompthub.wire.feedback import Rating
from streamlit_app import bridge
from streamlit_app.components.problem import as_problem

# Nobody has read an answer this soon: it is the same key once more.
GRACE_SECONDS: Final = 0.4
_STATE: Final = "feedback_line"


@dataclass
class Line:
    """The answers to rate, the one that is open, and what was given so far."""

    query: QueueQuery
    items: list[ObjectId]
    has_more: bool
    at: int = 0
    given: dict[ObjectId, Rating] = field(default_factory=dict[ObjectId, Rating])
    error: PromptHubError | None = None
    grace_seconds: float = GRACE_SECONDS
    _moved_at: float = float("-inf")
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of_session(cls, scope: Scope, query: QueueQuery) -> "Line":
        """Return the queue of this session; another filter begins another one."""
        line: Line | None = st.session_state.get(_STATE)
        if line is None or line.query != query:
            line = st.session_state[_STATE] = cls._load(scope, query)
        return line

    @classmethod
    def _load(cls, scope: Scope, query: QueueQuery) -> "Line":
        queue: Queue = bridge.run(load_queue(scope, query))
        return cls(query, queue.items, queue.has_more)

    @property
    def open(self) -> ObjectId | None:
        """The answer that is shown, None after the last."""
        return self.items[self.at] if self.at < len(self.items) else None

    @property
    def skipped(self) -> int:
        """How many were passed without a rating."""
        return sum(key not in self.given for key in self.items[: self.at])

    def rate(self, scope: Scope, key: ObjectId, rating: Rating) -> None:
        """Save the rating of the open answer with what was written, and go on; for callbacks."""
        new = {
            "rating": rating,
            "comment": st.session_state.get(comment_key(key), ""),
            "improvement_suggestion": st.session_state.get(suggestion_key(key), ""),
        }
        if not self._take(key):
            return
        self.error = None
        try:
            bridge.run(_save(scope, key, NewRating.model_validate(new)))
        except (PromptHubError, ValidationError) as error:
            self.error = as_problem(error)
            return
        self.given[key] = rating
        self._go(key, 1)

    def skip(self, key: ObjectId) -> None:
        """Go on without a rating; for callbacks."""
        if self._take(key):
            self.error = None
            self._go(key, 1)

    def back(self, key: ObjectId | None) -> None:
        """Go to the answer before; for callbacks."""
        if self.open == key and self.at > 0:
            self.error = None
            self._go(key, -1)

    def _take(self, key: ObjectId) -> bool:
        with self._lock:
            if self.open != key or time.monotonic() - self._moved_at < self.grace_seconds:
                return False
            self._moved_at = time.monotonic()
            return True

    def _go(self, key: ObjectId | None, step: int) -> None:
        with self._lock:
            if self.open == key:
                self.at += step
                self._moved_at = time.monotonic()


def load_again() -> None:
    """Begin a new queue with what is not rated by now; for callbacks."""
    st.session_state.pop(_STATE, None)


def comment_key(key: ObjectId) -> str:
    """Return the key of the comment's field."""
    return f"rate_comment_{key}"


def suggestion_key(key: ObjectId) -> str:
    """Return the key of the suggestion's field."""
    return f"rate_suggestion_{key}"


async def _save(scope: Scope, key: ObjectId, new: NewRating) -> None:
    await rate_execution(scope, await get_execution(scope, key), new)
