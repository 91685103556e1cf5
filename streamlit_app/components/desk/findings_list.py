"""Own what is found wrong in the text: the list below the editors, a fix beside each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.enhancement.validate import validate
from core.errors import Invalid
from core.templates.lint import Finding
from core.values.body import VersionBody
from streamlit_app.components.code_words import with_code
from streamlit_app.components.desk.field_rows import read_rows
from streamlit_app.components.desk.model_pane import inherited_model
from streamlit_app.components.desk.state import Desk
from streamlit_app.components.desk.text_fixes import fix_of
from streamlit_app.components.desk.variables import declare, undeclare
from streamlit_app.components.desk.working_copy import AREAS, TextArea

SHOWN_FINDINGS = 4
_STATE = "findings_of"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_LINE_END = re.compile(r"\r\n|\r|\n")  # the line ends that jinja2 counts
_ICONS = {
    "error": ":red[:material/error:]",
    "warning": ":orange[:material/warning:]",
    "info": ":blue[:material/info:]",
}
_GRAVE = {"error": 0, "warning": 1, "info": 2}
_WITH_REMEDY = {"syntax", "field", "unreachable", "window", "render"}
_PLACES = {
    "content": "Line",
    "system_prompt": "System, line",
    "metaprompt": "Metaprompt, line",
}


@dataclass(frozen=True)
class _Looked:
    """What was found in a text, so that other typing on the page looks at nothing again."""

    body: VersionBody
    model: str
    findings: list[Finding]


def find_all(desk: Desk) -> list[Finding]:
    """Return all that can be said about the text without a model; nothing while it can't be read.

    A text of usual length takes some 10 ms: draw what does not wait for it before.
    """
    try:
        body = desk.copy.readable()
    except Invalid:
        return []
    model = inherited_model(desk)
    kept: object = st.session_state.get(_STATE)
    if isinstance(kept, _Looked) and (kept.body, kept.model) == (body, model):
        return kept.findings
    findings = sorted(validate(body, model=model).findings, key=lambda one: _GRAVE[one.severity])
    st.session_state[_STATE] = _Looked(body, model, findings)
    return findings


def show_findings(desk: Desk, findings: Sequence[Finding]) -> None:
    """Draw the gravest ones, each with the button that puts it right where one is clear."""
    box = st.container(gap="xsmall", key="findings")
    for number, finding in enumerate(findings[:SHOWN_FINDINGS]):
        with box.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            with st.container():  # shrinks beside its button, which a text would push below
                st.markdown(f":small[{_ICONS[finding.severity]} {_say(finding)}]")
            if desk.opened.can_write:
                _offer_fix(desk, finding, key=f"fix_{number}")
    rest = findings[SHOWN_FINDINGS:]
    if rest:
        with box.expander(f"{len(rest)} more"):
            for finding in rest:
                st.markdown(f":small[{_ICONS[finding.severity]} {_say(finding)}]")


def _say(finding: Finding) -> str:
    remedy = f" {finding.remedy}" if finding.code in _WITH_REMEDY else ""
    place = _PLACES.get(finding.field)
    where = f"{place} {finding.line}: " if place else ""
    return where + with_code(finding.message + remedy)


def _offer_fix(desk: Desk, finding: Finding, *, key: str) -> None:
    name = _name_at(desk, finding)
    if finding.code == "undeclared" and name:
        st.button("Declare it", key=key, type="tertiary", on_click=declare, args=(desk, [name]))
    elif finding.code == "unused" and name:
        st.button("Remove it", key=key, type="tertiary", on_click=undeclare, args=(desk, name))
    for area, _ in AREAS:
        fix = fix_of(finding, desk.copy.texts[area]) if finding.field == area else None
        if fix:
            st.button(
                fix.label,
                key=key,
                type="tertiary",
                help=with_code(finding.remedy),
                on_click=_apply,
                args=(desk, area, desk.copy.texts[area], fix.text),
            )


def _apply(desk: Desk, area: TextArea, before: str, after: str) -> None:
    """Change the text that the finding was about; not one that was typed on meanwhile."""
    desk.collect()
    if desk.copy.texts[area] == before:
        desk.copy.texts[area] = after
        desk.renew()


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
