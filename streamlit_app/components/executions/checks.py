"""Own what the checks of one execution said, and what audit hooks noticed."""

from typing import Any

import streamlit as st

from core.documents import ExecutionLog
from core.values.verdict import Verdict
from streamlit_app.formats import plain

_STAGES = {"input": "Input", "output": "Answer"}


def checks(row: ExecutionLog) -> None:
    """Draw one line for each verdict, those that did not pass first, and each finding."""
    verdicts = [Verdict.model_validate(one) for one in row.guardrail_verdicts]
    if not verdicts and not row.findings:
        st.caption("The version has no checks that ran.")
    for verdict in sorted(verdicts, key=lambda one: one.passed):
        _verdict(verdict)
    for finding in row.findings:
        _finding(finding)


def failed_checks(row: ExecutionLog) -> int:
    """Return how many checks did not pass, with what hooks noticed."""
    return sum(not one.get("passed") for one in row.guardrail_verdicts) + len(row.findings)


def _verdict(verdict: Verdict) -> None:
    state = (
        ":green-badge[:material/check: Passed]"
        if verdict.passed
        else ":orange-badge[:material/shield: Not passed]"
    )
    score = "" if verdict.score is None else f" · score {verdict.score:.2f}"
    name = plain(verdict.check.replace("_", " ").replace("-", " "))
    stage = _STAGES.get(verdict.stage, verdict.stage)
    st.markdown(f"{state} **{name}** :small[:gray[{stage}{score}]]")
    if verdict.reason:
        st.markdown(f":small[{plain(verdict.reason)}]")


def _finding(finding: dict[str, Any]) -> None:
    hook, message = str(finding.get("hook", "")), str(finding.get("message", ""))
    st.markdown(f":orange-badge[:material/warning: Noticed] **{plain(hook)}**")
    st.markdown(f":small[{plain(message)}]")
