"""Own the dialog that publishes: what is served now, what changes for callers, number and note."""

from collections.abc import Sequence

import streamlit as st

from core.documents import Prompt
from core.errors import Invalid
from core.prompts.diff import Change
from core.values.scope import Scope
from streamlit_app.components import problem
from streamlit_app.components.change_list import say_change, why_breaks
from streamlit_app.components.code_words import with_code
from streamlit_app.components.dependents import say_callers, say_dependents
from streamlit_app.components.desk.header import reopen
from streamlit_app.components.desk.number_choice import ask_note, choose_number, read_choice
from streamlit_app.components.desk.saving import Outcome, publishing
from streamlit_app.components.desk.state import Desk
from streamlit_app.components.diff_view import changed_texts, diff_view
from streamlit_app.components.once import once
from streamlit_app.formats import plain

KEY = "publish"
DIFF_HEIGHT = 218
TEXT_HEIGHT = 180


def ask_to_publish(scope: Scope, desk: Desk) -> None:
    """Open the dialog; call it in the run of the click that asks for it."""
    opened = desk.opened
    # Asked for once, not with every choice in the dialog.
    depend = [say_callers(scope, opened.prompt, opened.application.name)]
    made = say_dependents(scope, opened.prompt, opened.prompt.current_version)
    depend += [f"{made} Published ones keep it."] if made else []

    @st.dialog(
        f"Publish {plain(desk.opened.prompt.name)}", width="large", icon=":material/publish:"
    )
    def ask() -> None:
        changes = desk.changes()
        st.markdown(
            f"{say_served_now(desk.opened.prompt)} A published version can't be changed; "
            "you can roll back at any time."
        )
        _tell_changes(desk, changes)
        if opened.prompt.current_version:
            st.markdown(f":small[:material/group: **Who depends on it** · {' '.join(depend)}]")
        _show_diff(desk)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            number = choose_number(desk.opened, changes, key=KEY)
            ask_note(desk.opened, key=KEY)
        _offer(scope, desk, number)

    ask()


def say_served_now(prompt: Prompt) -> str:
    """Return who serves what, e.g. "`production` serves **2.4.1** now."."""
    if prompt.current_version is None:
        return "Nothing is served yet; applications get this version as `latest`."
    names = [name for name, number in prompt.labels.items() if number == prompt.current_version]
    served = " and ".join(f"`{name}`" for name in ["latest", *names])
    return f"{served} {'serve' if names else 'serves'} **{prompt.current_version}** now."


def _tell_changes(desk: Desk, changes: Sequence[Change]) -> None:
    if desk.opened.base is None:
        return
    with st.container(border=True, gap="xsmall"):
        st.markdown("**What changes for callers**")
        lines = [*(_say(change) for change in changes), *_tell_undeclared(desk)]
        st.markdown("  \n".join(lines) if lines else "Nothing: the text is the same.")


def _tell_undeclared(desk: Desk) -> list[str]:
    return [
        f":orange-badge[:material/warning: undeclared] {with_code(finding.message)} "
        "Callers must send it all the same."
        for finding in desk.findings()
        if finding.code == "undeclared" and finding.severity == "warning"
    ]


def _say(change: Change) -> str:
    match change.area:
        case "fields":
            return f"{say_change(change)} {plain(change.after)}{why_breaks(change)}"
        case "params":
            return f":blue-badge[:material/tune: parameter] {say_change(change)}"
        case "guardrails":
            return f":blue-badge[:material/shield: check] {say_change(change)}"
        case "dependencies":
            return f":blue-badge[:material/account_tree: part] {say_change(change)}"
        case "model":
            return f":blue-badge[:material/smart_toy: model] {say_change(change)}"
        case _:
            return f":gray-badge[:material/notes: text] {say_change(change)}"


def _show_diff(desk: Desk) -> None:
    base = desk.opened.base
    if base is None:
        return
    try:
        body = desk.copy.readable()
    except Invalid as error:
        problem.show(error)
        return
    several = len(changed_texts(base.body, body)) > 1
    with st.container(height=DIFF_HEIGHT if several else "content", border=False):
        diff_view(
            base.body, body, titles=(base.version, "this version"), key=KEY, height=TEXT_HEIGHT
        )


def _offer(scope: Scope, desk: Desk, number: str) -> None:
    prompt = desk.opened.prompt
    labels = list(prompt.labels)
    with st.container(
        horizontal=True,
        horizontal_alignment="distribute" if labels else "right",
        vertical_alignment="center",
    ):
        with st.container(horizontal=True):
            for label in labels:
                st.checkbox(
                    f"Move `{label}` to it",
                    value=prompt.labels[label] == prompt.current_version,
                    key=f"{KEY}_move_{label}",
                )
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            if st.button("Keep editing", key="publish_cancel", type="tertiary"):
                st.rerun()
            press = once(
                f"Publish {number}",
                lambda: publishing(scope, desk, lambda: read_choice(number, KEY, labels=labels)),
                key="publish_confirm",
                done=lambda outcome: _say_published(outcome, prompt),
                type="primary",
                icon=":material/publish:",
            )
    if press.error:
        problem.show(press.error)
    if press.take() is not None:
        reopen(desk)


def _say_published(outcome: Outcome, before: Prompt) -> str:
    number = outcome.version.version
    moved = f" `latest` moved from {before.current_version}." if before.current_version else ""
    return f"Published {number}.{moved}"
