"""Own the question before prompts are taken out of service, of one or of many."""

from collections.abc import Sequence

import streamlit as st

from core.prompts.listing import PromptMark
from streamlit_app.components.library.change import begin, deactivation, watch
from streamlit_app.components.library.shelf import Shelf
from streamlit_app.components.once import once
from streamlit_app.formats import counted, plain

NAMES_SHOWN = 5


def ask_to_deactivate(shelf: Shelf, prompts: Sequence[PromptMark]) -> None:
    """Open the dialog; call it in the run of the click that asks for it."""
    what = plain(prompts[0].name) if len(prompts) == 1 else counted(len(prompts), "prompt")

    @st.dialog(f"Deactivate {what}?")
    def ask() -> None:
        st.markdown(consequences(prompts))
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Cancel", key="deactivate_cancel", type="tertiary"):
                st.rerun()
            once(
                "Deactivate" if len(prompts) == 1 else f"Deactivate {what}",
                lambda: begin(deactivation(shelf.scope, [prompt.key for prompt in prompts])),
                key="deactivate_all",
                type="primary",
            )
        watch()

    ask()


def consequences(prompts: Sequence[PromptMark]) -> str:
    """Return which prompts it is about, and what changes for whom."""
    listed = ""
    if len(prompts) > 1:
        names = ", ".join(f"*{plain(prompt.name)}*" for prompt in prompts[:NAMES_SHOWN])
        more = len(prompts) - NAMES_SHOWN
        listed = f"{names} and {more:,} more. " if more > 0 else f"{names}. "
    served = sum(prompt.is_served for prompt in prompts)
    them = "it" if len(prompts) == 1 else "them"
    lost = f"Applications can't fetch {them} any more. " if served else ""
    if 0 < served < len(prompts):
        lost = f"Applications can't fetch the {served:,} published any more. "
    return (
        f"{listed}{lost}Versions and runs stay readable, and you can restore {them} at any time: "
        "choose *Inactive* in the library."
    )
