"""Own the comparison: models and versions answer the same inputs beside each other."""

import streamlit as st

from core.documents import Comparison
from core.errors import NotFound
from core.values.scope import Scope
from streamlit_app import viewer
from streamlit_app.components import problem
from streamlit_app.components.compare.acts import RUN
from streamlit_app.components.compare.address import OPENED, SETUP, leave
from streamlit_app.components.compare.look import look
from streamlit_app.components.compare.opened import asked_comparison
from streamlit_app.components.compare.saved import show_saved
from streamlit_app.components.compare.setup import live_comparisons, set_up
from streamlit_app.components.once import press_of
from streamlit_app.components.prompt_address import asked_for
from streamlit_app.components.title_row import title_row
from streamlit_app.components.undisturbed import undisturbed


def main() -> None:
    """Show the comparison that the address names, else the set-up it names, else the saved ones."""
    scope, runs = viewer.scope(), live_comparisons()
    go_to_started()
    key, prompt_id = asked_comparison(), asked_for().prompt_id
    if key is not None:
        look(scope, key, runs)
    elif prompt_id is not None:
        show_setup(scope, prompt_id)
    else:
        show_saved(scope)


def go_to_started() -> None:
    """Put the comparison that has just been started into the address."""
    started = press_of(RUN, Comparison).take(again=True)
    if started is not None and asked_for().prompt_id is not None:
        with undisturbed() as reading:
            reading(lambda: _lead_to(started))


def _lead_to(started: Comparison) -> None:
    # First of all: the other half of a double click can come with any of the addresses between.
    st.query_params["comparison"] = str(started.key)
    leave((*SETUP, *OPENED[1:]))


def show_setup(scope: Scope, prompt_id: str) -> None:
    """Draw the set-up, or say why there is none."""
    try:
        set_up(scope, prompt_id)
    except NotFound as error:
        title_row("Compare")
        problem.show(error)
        st.button("Choose another prompt", key="compare_back", on_click=leave, args=(SETUP,))


if __name__ == "__main__":
    main()
