"""Own the left pane: the three texts in their editors, and what the linter found in them."""

import re
from collections.abc import Sequence
from typing import Literal

import streamlit as st

from core.templates.lint import Finding
from streamlit_app import editor
from streamlit_app.components.code_words import with_code
from streamlit_app.components.desk.field_rows import read_rows
from streamlit_app.components.desk.state import Desk
from streamlit_app.components.desk.variables import declare, undeclare
from streamlit_app.components.desk.working_copy import AREAS, TextArea

HEIGHT = 478
SHOWN_FINDINGS = 4
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_LINE_END = re.compile(r"\r\n|\r|\n")  # the line ends that jinja2 counts
_ICONS = {
    "error": ":red[:material/error:]",
    "warning": ":orange[:material/warning:]",
    "info": ":blue[:material/info:]",
}
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
    _show_findings(desk, findings)
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
    ).trigger


def _show_findings(desk: Desk, findings: Sequence[Finding]) -> None:
    box = st.container(gap="xsmall", key="findings")
    for number, finding in enumerate(findings[:SHOWN_FINDINGS]):
        with box.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            st.markdown(
                f":small[{_ICONS[finding.severity]} {_say(finding)}]",
                width="content",
            )
            if desk.opened.can_write:
                _offer_fix(desk, finding, number)
    hidden = len(findings) - SHOWN_FINDINGS
    if hidden > 0:
        st.caption(f"and {hidden} more")


def _say(finding: Finding) -> str:
    remedy = f" {finding.remedy}" if finding.code in {"syntax", "field"} else ""
    return _place_of(finding) + with_code(finding.message + remedy)


def _place_of(finding: Finding) -> str:
    match finding.field:
        case "content":
            return f"Line {finding.line}: "
        case "system_prompt":
            return f"System, line {finding.line}: "
        case "metaprompt":
            return f"Metaprompt, line {finding.line}: "
        case _:
            return ""


def _offer_fix(desk: Desk, finding: Finding, number: int) -> None:
    """Draw the button of a finding that can be put right without thinking."""
    name = _name_at(desk, finding)
    if finding.code == "undeclared" and name:
        st.button(
            "Declare it",
            key=f"fix_{number}",
            type="tertiary",
            on_click=declare,
            args=(desk, [name]),
        )
    elif finding.code == "unused" and name:
        st.button(
            "Remove it", key=f"fix_{number}", type="tertiary", on_click=undeclare, args=(desk, name)
        )


def _name_at(desk: Desk, finding: Finding) -> str:
    """Return the variable that a finding is about, as it stands where the finding points."""
    if finding.code == "unused":
        declared = read_rows(desk.copy.fields).fields
        return declared[finding.line - 1].name if finding.line <= len(declared) else ""
    if finding.code != "undeclared":
        return ""
    lines = _LINE_END.split(getattr(desk.copy.readable(), finding.field))
    text = lines[finding.line - 1] if finding.line <= len(lines) else ""
    found = _NAME.match(text, max(finding.column - 1, 0))
    return found.group() if found else ""
