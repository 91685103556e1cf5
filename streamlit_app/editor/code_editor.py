"""The text editor for prompts: CodeMirror with Jinja2, one line of Python to place it.

With `kept_as`, a name of the text, what was typed and has not come back from the server survives a
reload, another page and a lost connection in its tab, and the browser asks before closing the tab.
"""

from collections.abc import Callable, Mapping, Sequence
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
    language: Literal["jinja", "json", "plain"] = "jinja",
    height: int = 478,
    read_only: bool = False,
    label: str,
    placeholder: str = "",
    findings: Sequence[Finding] = (),
    kept_as: str = "",
    on_change: Callable[[], None] | None = None,
) -> EditorState:
    """Show an editor and return its text and the shortcut pressed in it.

    `text` (the newest known) shows at first and whenever `revision` changes; else what was typed
    wins. It arrives 400 ms after the last key, on blur and with a trigger (returned once), in
    `st.form` with the submit; `on_change` runs then and reads `current_text`. `height` is in px.
    """
    shown = text if (typed := current_text(key, revision=revision)) is None else typed
    _render(
        key=key,
        data={
            "text": shown,
            "revision": revision,
            "variables": list(variables),
            "language": language,
            "height": height,
            "readOnly": read_only,
            "label": label,
            "placeholder": placeholder,
            "findings": [finding._asdict() for finding in findings],
            "keptAs": kept_as,
        },
        on_doc_change=on_change or _do_nothing,
        on_command_change=_do_nothing,
    )
    return EditorState(shown, _take_trigger(key, revision))


def current_text(key: str, *, revision: int = 0) -> str | None:
    """Return the text the browser sent last for this revision, or None if it sent none.

    For `on_change` callbacks, which run before `code_editor` returns.
    """
    document = _sent(key, "doc")
    text = document.get("text")
    return text if isinstance(text, str) and document.get("revision") == revision else None


def _take_trigger(key: str, revision: int) -> Literal["save", "run"] | None:
    # Shortcuts are state with an identity, not Streamlit's triggers: a trigger is gone when the
    # next rerun interrupts this one before the script reaches the editor.
    command = _sent(key, "command")
    name, identity = command.get("name"), command.get("id")
    last: object = st.session_state.setdefault(f"{key}.last_command", identity)
    # A browser that reconnects to a new session sends old state: its command is taken as known.
    if identity == last:
        return None
    st.session_state[f"{key}.last_command"] = identity
    if name not in ("save", "run") or command.get("revision") != revision:
        return None
    return name


def _sent(key: str, part: Literal["doc", "command"]) -> Mapping[str, object]:
    state: object = st.session_state.get(key)
    if not isinstance(state, Mapping):
        return {}
    found = cast("Mapping[str, object]", state).get(part)
    return cast("Mapping[str, object]", found) if isinstance(found, Mapping) else {}


def _do_nothing() -> None:
    """Declare the state to Streamlit, which only keeps values that have a callback."""
