"""Own the conversation of one browser session: who begins a turn, and what it is begun with."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

import streamlit as st
from bson import ObjectId

from core.errors import Invalid, PromptHubError, TooLarge
from core.execution.storable import check_messages
from core.execution.stream import ExecutionRequest, stream
from core.values.messages import Message
from core.values.scope import Scope
from streamlit_app import viewer
from streamlit_app.components.live_run import LiveRun
from streamlit_app.components.once import DOUBLE_CLICK_SECONDS
from streamlit_app.components.playground.turns import Turn

MAX_TURNS: Final = 50


@dataclass
class Panel:
    """The turns about one prompt (`owner`); `number` grows with each that is begun.

    `request` is that of the first turn, `draft` a message being edited before it is sent: a new
    one, or one in place of the last.
    """

    owner: ObjectId
    number: int = 0
    request: ExecutionRequest | None = None
    turns: list[Turn] = field(default_factory=list[Turn])
    error: PromptHubError | None = None
    draft: str | None = None
    is_new_draft: bool = False
    filled_from: str | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of_session(cls, owner: ObjectId) -> "Panel":
        """Return the conversation of this session about one prompt."""
        return st.session_state.setdefault(f"playground_panel_{owner}", Panel(owner))

    @property
    def last(self) -> Turn | None:
        """The turn begun last."""
        return self.turns[-1] if self.turns else None

    @property
    def is_running(self) -> bool:
        """Whether an answer is arriving."""
        return self.last is not None and not self.last.is_over

    @property
    def can_reply(self) -> bool:
        """Whether there is an answer to say something to."""
        return self.last is not None and self.last.is_over and bool(self.last.ended().text.strip())

    def begin(self, seen: int, scope: Scope, request: ExecutionRequest) -> None:
        """Begin anew with the press drawn as number `seen`, unless it is a double click."""
        with self._lock:
            if self.number == seen and not self._is_double_click():
                self.request = request
                self._start(scope, [], "")

    def say(self, seen: int, scope: Scope, text: str) -> None:
        """Say something to the last answer."""
        # The two clicks of a double click are two reruns, each in a thread of its own.
        with self._lock:
            if self.number == seen and self.can_reply and text.strip():
                self._start(scope, self.turns, text.strip())

    def say_again(self, seen: int, scope: Scope, text: str) -> None:
        """Say something in place of what was said last, whose answer is forgotten here."""
        with self._lock:
            fits = self.number == seen and len(self.turns) > 1 and not self.is_running
            # A message that was edited is sent by a button of its own, which is then gone.
            is_repeated = self.draft is None and self._is_double_click()
            if fits and text.strip() and not is_repeated:
                self._start(scope, self.turns[:-1], text.strip())

    def edit_last(self) -> None:
        """Let what was said last be edited, to be said again."""
        if self.last:
            self.draft, self.is_new_draft, self.error = self.last.said, False, None

    def stop(self) -> None:
        """Stop the run; the second click of a double click on Run may meet Stop in its place."""
        if self.last and self.last.run and not self._is_double_click():
            self.last.run.stop()

    def start_over(self) -> None:
        """Forget the conversation here; its executions stay in the log."""
        self.number += 1
        self.turns, self.error, self.draft, self.request = [], None, None, None

    def take_up(self, request: ExecutionRequest, turns: list[Turn]) -> None:
        """Go on with a conversation of the log."""
        self.number += 1
        self.request, self.turns, self.error, self.draft = request, turns, None, None

    def _start(self, scope: Scope, before: list[Turn], said: str) -> None:
        if self.request is None:
            return
        try:
            request = _following(self.request, before, said)
        except PromptHubError as error:
            # What was typed is not lost: it stands in the field for editing.
            self.is_new_draft = len(before) == len(self.turns)
            self.error, self.draft = error, said
            return
        run = LiveRun(stream(scope, request, engine=viewer.runtime().engine))
        self.number += 1
        self.error = self.draft = None
        self.turns = [*before, Turn(said, run)]

    def _is_double_click(self) -> bool:
        run = self.last.run if self.last else None
        return run is not None and run.elapsed_ms() < DOUBLE_CLICK_SECONDS * 1000


def _following(first: ExecutionRequest, before: Sequence[Turn], said: str) -> ExecutionRequest:
    """Return the request of the turn after those `before`: it repeats what was said so far.

    Raises:
        Invalid: there is no room for another turn, or for so much text.
    """
    if not before:
        return first
    if len(before) >= MAX_TURNS:
        raise Invalid(
            f"This conversation has {MAX_TURNS} turns, as many as one can have.",
            field="message",
            remedy="Start over, or edit what you said last.",
        )
    messages: list[Message] = []
    for earlier, later in pairwise([*before, Turn(said)]):
        messages.append(Message(role="assistant", content=earlier.ended().text))
        messages.append(Message(role="user", content=later.said))
    _check_size(messages)
    ids = [str(turn.ended().execution_id) for turn in before]
    run = before[0].run
    served = run.started.version if run and run.started else None
    return replace(
        first,
        # A label may move meanwhile; who talks goes on with whom they began.
        version=served or first.version,
        messages=tuple(messages),
        metadata={**first.metadata, "conversation": ids},
    )


def _check_size(messages: Sequence[Message]) -> None:
    check_messages(messages[-1:])
    try:
        check_messages(messages)
    except TooLarge as error:
        raise Invalid(
            "With this message the conversation is longer than can be sent.",
            field="message",
            remedy="Start over, or say less.",
        ) from error
