"""Own the comparison of two stored versions: picked by ticking, kept in the address."""

import asyncio

import streamlit as st

from core.documents import Prompt, PromptVersion
from core.prompts.diff import compare, suggest_bump
from core.prompts.versions import get_version
from core.values.scope import Scope
from core.values.semver import SemVer
from streamlit_app import bridge
from streamlit_app.components.change_list import change_rows
from streamlit_app.components.diff_view import diff_view
from streamlit_app.navigation import page_path

PARAMETER = "compare"
HEIGHT = 380
A_PAIR = 2


def picked() -> list[str]:
    """Return the versions that are ticked, two at most, as the address has them."""
    return [part for part in st.query_params.get(PARAMETER, "").split("..") if part][:A_PAIR]


def tick(version: PromptVersion) -> None:
    """Draw the box that picks a version for comparison."""
    key = f"pick_{version.version}"
    st.session_state[key] = version.version in picked()
    st.checkbox(
        f"Compare {version.version}",
        key=key,
        label_visibility="collapsed",
        width=28,
        on_change=_turn,
        args=(version.version,),
    )


def _turn(number: str) -> None:
    numbers = picked()
    numbers = [n for n in numbers if n != number] if number in numbers else [*numbers, number]
    _write(numbers[-A_PAIR:])


def _write(numbers: list[str]) -> None:
    if numbers:
        st.query_params[PARAMETER] = "..".join(numbers)
    elif PARAMETER in st.query_params:
        del st.query_params[PARAMETER]


def show_comparison(scope: Scope, prompt: Prompt, numbers: list[str]) -> None:
    """Open the dialog with both texts side by side, the older left; closing it unticks both."""
    older, newer = bridge.run(_load(scope, prompt, sorted(numbers, key=SemVer.parse)))

    @st.dialog(
        f"{older.version} and {newer.version}",
        width="large",
        icon=":material/compare:",
        on_dismiss=lambda: _write([]),
    )
    def show() -> None:
        changes = compare(older.body, newer.body)
        if not changes:
            st.markdown("Both say the same.")
        else:
            bump = suggest_bump(changes)
            change_rows(changes, suggested=f"{bump} step")
        diff_view(
            older.body,
            newer.body,
            titles=(older.version, newer.version),
            key="comparison",
            height=HEIGHT,
        )
        st.page_link(
            page_path("compare"),
            label="Compare their answers",
            icon=":material/compare:",
            query_params=[
                ("prompt", prompt.prompt_id),
                ("application", str(prompt.application_id)),
                ("version", older.version),
                ("version", newer.version),
            ],
        )

    show()


async def _load(
    scope: Scope, prompt: Prompt, numbers: list[str]
) -> tuple[PromptVersion, PromptVersion]:
    older, newer = await asyncio.gather(*(get_version(scope, prompt, number) for number in numbers))
    return older, newer
