"""Own the dialog that makes a file of many rows, with a bar, and hands it over."""

from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any, NamedTuple

import streamlit as st

from streamlit_app import bridge
from streamlit_app.components import problem
from streamlit_app.components.job import Job, Progress
from streamlit_app.formats import counted

DialogWork = Callable[[Progress], Coroutine[Any, Any, "Made"]]


class Made(NamedTuple):
    """A file that was made; `left_out` rows were too many for it."""

    content: bytes
    rows: int
    was_cut: bool = False


class Kind(NamedTuple):
    """One kind of file: its name, its type, and the work that makes it."""

    file_name: str
    mime: str
    make: DialogWork


def export_dialog(title: str, words: str, kinds: Mapping[str, Kind], *, key: str) -> None:
    """Open the dialog; call it in the run of the click that asks for it.

    `words` (markdown) say what is in the file and how much it holds at most.
    """
    # Of this opening alone: what was made before was of other rows.
    job = Job[tuple[Kind, Made]]()

    @st.dialog(title, icon=":material/download:")
    def ask() -> None:
        st.markdown(words)
        name = st.segmented_control(
            "Format", list(kinds), default=next(iter(kinds)), key=f"{key}_kind", required=True
        )
        kind = kinds[name or next(iter(kinds))]
        ready = st.container()
        if st.button(
            "Make the file", key=f"{key}_make", type="primary", icon=":material/download:"
        ):
            if job.is_over:
                job.forget()
            bridge.run(job.start(partial(_make, kind)))
        with ready:
            done = job.watch("Reading")
        if job.error:
            problem.show(job.error)
        if done and done[0] is kind:
            _hand_over(done[1], kind, key)

    ask()


async def _make(kind: Kind, tell: Progress) -> tuple[Kind, Made]:
    return kind, await kind.make(tell)


def _hand_over(made: Made, kind: Kind, key: str) -> None:
    if not made.rows:
        st.markdown("Nothing matches, so the file would be empty.")
        return
    cut = " The rest did not fit; narrow the filters to get it." if made.was_cut else ""
    st.markdown(f"**{counted(made.rows, 'row')}** are in the file.{cut}")
    st.download_button(
        f"Download {kind.file_name}",
        made.content,
        file_name=kind.file_name,
        mime=kind.mime,
        key=f"{key}_download",
        on_click="ignore",
        icon=":material/save:",
    )
