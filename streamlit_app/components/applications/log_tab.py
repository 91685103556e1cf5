"""Own what an application's log keeps of a run, and for how long."""

from typing import Final

import streamlit as st

from core.accounts.applications import ApplicationChanges
from core.documents import Application
from core.values.scope import Scope
from prompthub.wire.literals import LogContent
from streamlit_app.components.applications.acts import field_key, save_button, typed
from streamlit_app.formats import counted, plain

CONTENTS: Final[dict[LogContent, str]] = {
    "full": "Texts and figures",
    "none": "Figures only",
}
WHAT_IS_KEPT: Final[dict[LogContent, str]] = {
    "full": "Messages, variables and answers are kept beside model, tokens, cost and times.",
    "none": "Model, tokens, cost, times and verdicts are kept; messages, variables and answers "
    "are not, and such runs can't be replayed.",
}


def log_tab(scope: Scope, application: Application) -> None:
    """Draw the form, and what holds now in a sentence."""
    del scope
    with st.container(width=640):
        st.markdown(plain(what_holds(application)))
        with st.form("app_log"):
            st.radio(
                "What is kept of a run",
                list(CONTENTS),
                index=list(CONTENTS).index(application.log_content),
                key=field_key(application, "content"),
                format_func=lambda kind: CONTENTS["full" if kind == "full" else "none"],
                captions=list(WHAT_IS_KEPT.values()),
                help="Holds for runs from now on; what is in the log stays as it is.",
            )
            st.number_input(
                "Days that runs are kept",
                min_value=1,
                max_value=3650,
                value=application.retention_days,
                key=field_key(application, "days"),
                placeholder="For ever",
                help="Holds for old runs too: within minutes those that are older are deleted. "
                "Empty: for ever.",
            )
            save_button(application, "log", lambda: _read(application), told="Saved the log.")


def what_holds(application: Application) -> str:
    """Return what happens to a run now, in words."""
    texts = (
        "Each run is logged with its texts"
        if application.log_content == "full"
        else "Each run is logged without its texts"
    )
    days = application.retention_days
    if days is None:
        return f"{texts} and kept until somebody erases it."
    return (
        f"{texts} and deleted after {counted(days, 'day')}. Sums of tokens, cost and "
        "times stay, so that figures and budgets don't change."
    )


def _read(application: Application) -> ApplicationChanges:
    return ApplicationChanges(
        log_content=typed(application, "content"), retention_days=typed(application, "days")
    )
