"""Own the button that acts exactly once, however often it is clicked.

Two clicks 30 ms apart run a page's body, a plain callback and a form's submit twice, and a
`disabled=busy` flag wedges the button for ever. What holds: a callback that carries the number of
the press it was drawn for, checked and raised on a plain object with nothing of Streamlit between.
A press within 0.7 s of the end of the last one counts as its double click. The usual page:

    saved = once("Save", lambda: save_version(scope, prompt, draft()), key="save",
                 done=lambda saved: f"Saved {saved.version.version}.", type="primary")
    if saved.error:
        problem.show(saved.error)
    if (result := saved.take()) is not None:
        st.switch_page(...)

The operation (here the lambda) is called in the callback, before the page runs again. It reads
widgets by key (`st.session_state["name"]`), as variables of the page hold the values of the run
before. What it awaits runs on the event loop, where neither Streamlit nor the bridge may be used.
"""

import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Generic, Literal, TypeVar

import streamlit as st
from pydantic import ValidationError

from core.errors import PromptHubError
from streamlit_app import bridge
from streamlit_app.components import toasts
from streamlit_app.components.problem import as_problem
from streamlit_app.components.undisturbed import undisturbed

T = TypeVar("T")

DOUBLE_CLICK_SECONDS = 0.7
# A second click can wait behind the run that the first one caused, longer on a busy machine.
GRACE_SECONDS = 1.5


@dataclass
class Press(Generic[T]):
    """What came of the presses of one button in this browser session.

    `error` stays until the next press, so that it can be shown below the button. `take()` gives
    the result of a press one time, in the first run after it.
    """

    number: int = 0
    error: PromptHubError | None = None
    grace_seconds: float = GRACE_SECONDS
    _results: list[T] = field(default_factory=list[T])
    _taken: T | None = None
    _taken_at: float = float("-inf")
    _is_repeated: bool = False
    _ended_at: float = float("-inf")
    _acting: Lock = field(default_factory=Lock)

    def take(self, *, again: bool = False) -> T | None:
        """Return the result of the last press if it was not taken yet, else None.

        With `again` the runs of the next moment get it, too, until `settle`: a second click, or
        what another field had to tell, comes with the address that the page had before.
        """
        is_repeated, self._is_repeated = self._is_repeated, False
        if self._results:
            self._taken, self._taken_at = self._results.pop(), time.monotonic()
            return self._taken
        is_fresh = time.monotonic() - self._taken_at < self.grace_seconds
        return self._taken if again and (is_repeated or is_fresh) else None

    def settle(self) -> None:
        """Give no result again: the person went on."""
        self._taken = None

    def fire(
        self,
        seen: int,
        operation: Callable[[], Coroutine[Any, Any, T]],
        done: Callable[[T], str] | None = None,
    ) -> None:
        """Run the operation unless the press `seen` was served; for callbacks of other widgets."""
        with undisturbed() as reading:
            try:
                coroutine = reading(operation)
            except (PromptHubError, ValidationError) as error:
                self.error = as_problem(error)
                return
            # The run of a second click can overtake that of the first while it still acts.
            with self._acting:
                if self.number != seen or time.monotonic() - self._ended_at < self.grace_seconds:
                    coroutine.close()
                    self._is_repeated = True
                    return
                self._act(coroutine)
            if self._results and done:
                result = self._results[-1]
                if words := reading(lambda: done(result)):
                    reading(lambda: toasts.add(words))

    def _act(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self.number += 1
        self.error = None
        self._results.clear()
        try:
            self._results.append(bridge.run(coroutine))
        except (PromptHubError, ValidationError) as error:
            self.error = as_problem(error)
        finally:
            self._ended_at = time.monotonic()


def press_of(key: str, kind: type[T] | None = None) -> Press[T]:
    """Return the presses of the button named `key` in this session.

    For widgets other than buttons: `op = press_of("menu")`, then
    `on_change=op.fire, args=(op.number, operation)`. `kind` only names the type of the result.
    """
    del kind
    return st.session_state.setdefault(f"press_{key}", Press[T]())


def once(
    label: str,
    operation: Callable[[], Coroutine[Any, Any, T]],
    *,
    key: str,
    done: Callable[[T], str] | None = None,
    type: Literal["primary", "secondary", "tertiary"] = "secondary",  # noqa: A002  # st.button's word
    icon: str | None = None,
    help: str | None = None,  # noqa: A002  # st.button's word
    shortcut: str | None = None,
    disabled: bool = False,
    width: Literal["content", "stretch"] = "content",
    in_form: bool = False,
) -> Press[T]:
    """Draw a button that runs `operation` on the event loop once per press; return what came of it.

    `operation` makes the coroutine and `done` turns its result into a toast, or "" for none where
    the page itself says so; see the top of this file. Errors of ours, and values that pydantic
    refuses, are kept in `.error`; anything else is a defect and raises in the page.
    """
    press: Press[T] = press_of(key)
    draw = st.form_submit_button if in_form else st.button
    draw(
        label,
        key=key,
        on_click=press.fire,
        args=(press.number, operation, done),
        type=type,
        icon=icon,
        help=help,
        shortcut=shortcut,
        disabled=disabled,
        width=width,
    )
    return press
