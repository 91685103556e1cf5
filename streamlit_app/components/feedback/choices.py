"""Own what the feedback page is about: its view, application, prompt and version, by address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

import streamlit as st
from bson import ObjectId

from core.feedback.queue import QueueQuery
from core.values.scope import Scope
from streamlit_app.components.application_picker import application_picker
from streamlit_app.components.pages import Pages
from streamlit_app.components.prompt_address import asked_for
from streamlit_app.components.prompt_picker import Found, prompt_picker
from streamlit_app.formats import count, plain

View = Literal["queue", "versions", "suggestions"]
TAB: Final = "tab"
PAGES: Final = Pages("feedback_page", 15)
_FILTERS: Final = ("prompt", "application", "version")
_TITLES: Final[Mapping[View, str]] = {
    "queue": "Queue",
    "versions": "Versions",
    "suggestions": "Suggestions",
}


@dataclass(frozen=True)
class Choice:
    """What is looked at; `prompt_key` is the document of the prompt chosen, where it is there."""

    application_id: ObjectId | None
    prompt_id: str | None
    version: str | None
    prompt_key: ObjectId | None = None

    @property
    def queue(self) -> QueueQuery:
        """The answers of it that are to be rated."""
        return QueueQuery(
            application_id=self.application_id, prompt_id=self.prompt_id, version=self.version
        )

    @property
    def words(self) -> str:
        """What it is narrowed to, "" where it is not."""
        if self.prompt_id:
            return f"{self.prompt_id} {self.version or ''}".strip()
        return "this application" if self.application_id else ""


def asked() -> Choice:
    """Return what the address asks for."""
    found = asked_for()
    return Choice(found.application_id, found.prompt_id, found.version)


def view_of_address() -> View:
    """Return the view that the address names."""
    named = st.query_params.get(TAB, "")
    return next((view for view in get_args(View) if view == named), "queue")


def choose_view(counts: Mapping[View, int]) -> View:
    """Draw the switch between the views; the open one is in the address."""
    now = view_of_address()
    st.session_state["feedback_view"] = now
    st.segmented_control(
        "View",
        list(get_args(View)),
        key="feedback_view",
        required=True,
        format_func=lambda view: _title(view, counts),
        label_visibility="collapsed",
        on_change=_open_view,
    )
    return now


def _title(view: View, counts: Mapping[View, int]) -> str:
    number = counts.get(view)
    return f"{_TITLES[view]} {count(number)}" if number else _TITLES[view]


def _open_view() -> None:
    view: View = st.session_state["feedback_view"]
    PAGES.begin_again()
    if view == "queue":
        st.query_params.pop(TAB, None)
    else:
        st.query_params[TAB] = view


def choose_prompt(scope: Scope, choice: Choice, *, application: str | None) -> None:
    """Draw the filters: the prompt, and the application by its name; None where there is one."""
    if application is not None:
        application_picker(
            scope,
            application,
            key="feedback_application",
            on_pick=_pick_application,
            on_any=clear if choice.application_id else None,
            width=200,
        )
    label = choice.words if choice.prompt_id else "All prompts"
    prompt_picker(
        scope,
        label,
        key="feedback_prompt",
        on_pick=_pick,
        width=240,
        on_any=_any if choice.prompt_id else None,
    )
    if choice.version:
        st.button(
            f"Version {plain(choice.version)}",
            key="feedback_version",
            icon=":material/close:",
            icon_position="right",
            help="Show all versions instead",
            on_click=_forget,
            args=("version",),
        )


def _pick_application(key: ObjectId) -> None:
    _forget(*_FILTERS)
    st.query_params["application"] = str(key)


def _pick(prompt: Found) -> None:
    _forget(*_FILTERS)
    st.query_params["prompt"] = prompt.prompt_id
    st.query_params["application"] = str(prompt.application_id)


def _any() -> None:
    _forget("prompt", "version")


def clear() -> None:
    """Show everything; for callbacks."""
    _forget(*_FILTERS)


def _forget(*names: str) -> None:
    for name in names:
        st.query_params.pop(name, None)
    PAGES.begin_again()
