"""Own the choice of the number under which the text is stored or published, and of its note."""

from collections.abc import Sequence

import streamlit as st

from core.prompts.diff import Change, suggest_bump
from core.values.semver import SemVer
from streamlit_app.components.change_list import why_bump
from streamlit_app.components.desk.opening import BUMPS, Opened
from streamlit_app.components.desk.saving import Choice


def choose_number(opened: Opened, changes: Sequence[Change], *, key: str) -> str:
    """Draw the numbers the text may get, the suggested one picked, and return the choice."""
    options, suggested = list_numbers(opened, changes)
    if len(options) == 1:
        st.markdown(f":small[Version]  \n**{options[0]}**", width="content")
        return options[0]
    chosen = st.segmented_control(
        "Version",
        options,
        default=suggested,
        required=True,
        key=f"{key}_number",
        help="The first number grows when callers may break, the second when they can do more, "
        f"the third for the rest. Suggested is {suggested}: {why_bump(changes)}.",
    )
    return chosen or suggested


def list_numbers(opened: Opened, changes: Sequence[Change]) -> tuple[list[str], str]:
    """Return the numbers to choose from, and the one that tells callers the truth."""
    version, base = opened.version, opened.base
    if version is None or base is None:
        first = version.version if version else opened.numbers["patch"]
        return [first], first
    bump = suggest_bump(list(changes))
    if version.is_published:
        return [opened.numbers[step] for step in BUMPS], opened.numbers[bump]
    needed = SemVer.parse(base.version).bumped(bump)
    if SemVer.parse(version.version) >= needed:
        return [version.version], version.version
    # The draft's number promises less than its changes do.
    return [version.version, opened.numbers[bump]], opened.numbers[bump]


def ask_note(opened: Opened, *, key: str) -> str:
    """Draw the input of the note and return what stands in it."""
    return st.text_input(
        "What changed and why",
        opened.version.change_description if opened.version and opened.is_draft else "",
        key=f"{key}_note",
        max_chars=2000,
        placeholder='Shown in the history, e.g. "Shorter overview, risks on demand"',
    )


def read_choice(number: str, key: str, *, labels: Sequence[str] = ()) -> Choice:
    """Return what stands in the dialog now; `number` where there was nothing to choose."""
    return Choice(
        number=st.session_state.get(f"{key}_number", number),
        note=st.session_state.get(f"{key}_note", ""),
        labels=tuple(
            label for label in labels if st.session_state.get(f"{key}_move_{label}", False)
        ),
    )
