"""Own the left pane: the three texts in their editors, and what is found wrong in them."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from core.templates.lint import Finding
from streamlit_app import editor, viewer
from streamlit_app.components.desk.findings_list import show_findings
from streamlit_app.components.desk.state import Desk
from streamlit_app.components.desk.working_copy import AREAS, TextArea

HEIGHT = 478
_PLACEHOLDERS: dict[TextArea, str] = {
    "content": "Write what the model should do.\nPut variables in braces, e.g. {{ transcript }}",
    "system_prompt": "Who the model is and how it behaves, e.g. You are a meeting secretary.",
    "metaprompt": "How this prompt is to be improved: kept with it, not sent to the model.",
}


_LABELS: dict[TextArea, str] = {
    "content": "Prompt text",
    "system_prompt": "System prompt",
    "metaprompt": "Metaprompt",
}


def text_pane(desk: Desk, findings: Sequence[Finding]) -> Literal["save", "run"] | None:
    """Draw the editors and return the shortcut pressed in one of them."""
    triggers: list[Literal["save", "run"] | None] = []
    tabs = st.tabs(
        [title for _, title in AREAS], key="text", bind="query-params", on_change="rerun"
    )
    for tab, (area, _) in zip(tabs, AREAS, strict=True):
        with tab:
            own = [finding for finding in findings if finding.field == area]
            triggers.append(_edit(desk, area, own))
    show_findings(desk, findings)
    return next(filter(None, triggers), None)


def _edit(desk: Desk, area: TextArea, findings: Sequence[Finding]) -> Literal["save", "run"] | None:
    return editor.code_editor(
        desk.copy.texts[area],
        key=f"text_{area}",
        revision=desk.revision,
        variables=[row["name"] for row in desk.copy.fields if row["name"]],
        height=HEIGHT,
        read_only=not desk.opened.can_write,
        label=_LABELS[area],
        placeholder=_PLACEHOLDERS[area] if desk.opened.can_write else "",
        findings=[
            editor.Finding(found.line, found.column, found.severity, found.message)
            for found in findings
        ],
        kept_as=_name_of(desk, area),
    ).trigger


def _name_of(desk: Desk, area: TextArea) -> str:
    """Name a text in the tab of one person; nothing where it can't be edited."""
    opened = desk.opened
    if not opened.can_write:
        return ""
    number = opened.version.version if opened.version else ""
    return f"{viewer.current_user().user_id}.{opened.prompt.key}.{number}.{area}"
