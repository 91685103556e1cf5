"""The text editor for prompts: CodeMirror with Jinja2, one line of Python to place it."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Literal, NamedTuple, cast

import streamlit as st

from streamlit_app.editor.component import register

_render = register("prompthub_code_editor", mount="mountEditor", css="editor.css")


class EditorState(NamedTuple):
    """What the editor holds, and the shortcut that caused this very rerun."""

    text: str
    trigger: Literal["save", "run"] | None


class Finding(NamedTuple):
    """A mark under the text; `line` and `column` count from 1, column 0 marks the whole line."""

    line: int
    column: int
    severity: Literal["error", "warning", "info"]
    message: str


def code_editor(
    text: str,
    *,
    key: str,
    revision: int = 0,
    variables: Sequence[str] = (),
    language: Literal["jinja", "plain"] = "jinja",
    height: int = 478,
    read_only: bool = False,
    label: str,
    placeholder: str = "",
    findings: Sequence[Finding] = (),
    on_change: Callable[[], None] | None = None,
) -> EditorState:
    """Show an editor and return its text and the shortcut pressed in it.

    `text` is what to show when the editor appears and whenever `revision` differs from the run
    before; with an unchanged revision, what the user typed wins. Pass the newest text known, so
    that it is there again after a switch of pages. Text arrives 400 ms after the last key, when
    the editor loses focus, and together with a trigger. Each trigger is returned once.
    `height` is in px. `on_change` runs before the script when new text has arrived, where
    `current_text` reads it. Not for use inside `st.form`, which swallows triggers.
    """
    shown = current_text(key, revision=revision)
    _render(
        key=key,
        data={
            "text": text if shown is None else shown,
            "revision": revision,
            "variables": list(variables),
            "language": language,
            "height": height,
            "minHeight": height,
            "readOnly": read_only,
            "label": label,
            "placeholder": placeholder,
            "findings": [finding._asdict() for finding in findings],
        },
        on_doc_change=on_change or _do_nothing,
        on_command_change=partial(_remember_command, key),
    )
    command: object = st.session_state.pop(_pending_key(key), None)
    # Without sent text the command is a leftover of an earlier visit to the page.
    if shown is None or command not in ("save", "run"):
        return EditorState(text if shown is None else shown, None)
    return EditorState(shown, command)


def current_text(key: str, *, revision: int = 0) -> str | None:
    """Return the text the browser sent last for this revision, or None if it sent none.

    For `on_change` callbacks, which run before `code_editor` returns.
    """
    match _sent(key).get("doc"):
        case {"text": str(text), "revision": int(sent_revision)} if sent_revision == revision:
            return text
        case _:
            return None


def _remember_command(key: str) -> None:
    # A later rerun may interrupt this one before the script reaches the editor: Streamlit forgets
    # the trigger then, the session does not.
    st.session_state[_pending_key(key)] = _sent(key).get("command")


def _pending_key(key: str) -> str:
    return f"{key}.pending_command"


def _sent(key: str) -> Mapping[str, object]:
    state: object = st.session_state.get(key)
    return cast("Mapping[str, object]", state) if isinstance(state, Mapping) else {}


def _do_nothing() -> None:
    """Declare the state to Streamlit, which only keeps values that have a callback."""
