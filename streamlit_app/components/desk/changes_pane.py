"""Own what the working copy changes against what is served now, in words and side by side."""

from collections.abc import Sequence

import streamlit as st

from core.documents import Prompt, PromptVersion
from core.errors import Invalid
from core.prompts.diff import Change, suggest_bump
from streamlit_app.components.change_list import change_rows
from streamlit_app.components.desk.state import Desk
from streamlit_app.components.diff_view import diff_view
from streamlit_app.formats import plain

HEIGHT = 300


def changes_pane(desk: Desk, changes: Sequence[Change]) -> None:
    """Draw the changes with the number they call for; say so where there is nothing to tell."""
    base = desk.opened.base
    if base is None:
        st.caption("This is the first version: there is nothing to compare it with yet.")
        return
    served = say_served(desk.opened.prompt, base)
    st.caption(f"Against {base.version}{served}")
    if not changes:
        st.markdown(":small[No changes.]")
        return
    change_rows(changes, suggested=desk.opened.numbers[suggest_bump(list(changes))])
    try:
        body = desk.copy.readable()
    except Invalid:
        return
    diff_view(base.body, body, titles=(base.version, "now"), key=desk.key("changes"), height=HEIGHT)


def say_served(prompt: Prompt, version: PromptVersion) -> str:
    """Return who serves a version: ", which `production` and `latest` serve now"."""
    names = [plain(label) for label, number in prompt.labels.items() if number == version.version]
    if prompt.current_version == version.version:
        names.append("latest")
    if not names:
        return ""
    verb = "serve" if len(names) > 1 else "serves"
    return f", which {' and '.join(f'`{name}`' for name in names)} {verb} now"
