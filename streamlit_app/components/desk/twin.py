"""Own the warning before a save: another prompt says the same already."""

import asyncio
from collections.abc import Callable, Collection

import streamlit as st

from core.errors import Invalid, PromptHubError
from core.search.engine import SearchEngine
from core.search.masking import overlap_of, shingles_of
from core.search.similar import SAME_OVERLAP, Neighbour, find_similar
from core.values.body import VersionBody
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components import toasts
from streamlit_app.components.desk.state import Act, Desk, Held
from streamlit_app.components.search.compare import is_word_for_word, show_texts, text_of, title_of
from streamlit_app.formats import counted, plain
from streamlit_app.navigation import page_path

# A save never waits longer for an embedder; then words alone are compared.
PATIENCE_SECONDS = 1.5
HEIGHT = 300

GO_ON: dict[Act, str] = {"save": "Save anyway", "publish": "Publish anyway"}


def find_twins(scope: Scope, desk: Desk, engine: SearchEngine) -> list[Neighbour]:
    """Return the other prompts that say what is on the desk, those apart that were told already.

    It never keeps a save from happening: where nothing can be compared, nothing is found.
    """
    try:
        body = desk.body()
        if not body.content.strip():
            return []
        return bridge.run(_find(scope, desk, body, engine))
    except PromptHubError:
        return []  # the save itself says what is wrong


async def _find(
    scope: Scope, desk: Desk, body: VersionBody, engine: SearchEngine
) -> list[Neighbour]:
    prompt = desk.opened.prompt

    async def look(*, by_meaning: bool) -> list[Neighbour]:
        return await find_similar(
            scope,
            None,
            body,
            title=prompt.name,
            exclude=prompt.key,
            engine=engine,
            by_meaning=by_meaning,
        )

    try:
        found = await asyncio.wait_for(look(by_meaning=True), PATIENCE_SECONDS)
    except TimeoutError:
        found = await look(by_meaning=False)
    return await asyncio.to_thread(_new_ones, desk, found)


def _new_ones(desk: Desk, found: Collection[Neighbour]) -> list[Neighbour]:
    """Return the same ones, but those told before and those that the stored text was as near to."""
    stored = desk.opened.version.searched_text if desk.opened.version else ""
    shingles = shingles_of(stored)
    return [
        one
        for one in found
        if one.kind == "same"
        and one.prompt.key not in desk.told_twins
        and overlap_of(shingles, shingles_of(f"{one.content}\n{one.system_prompt}")) < SAME_OVERLAP
    ]


@st.dialog("Another prompt says the same", width="large", icon=":material/content_copy:")
def ask_about_twins(desk: Desk, held: Held, go_on: Callable[[], None]) -> None:
    """Show the neighbour beside the text, and let the person open it or go on.

    Call it in the run of the click that asks for it; `go_on` is called in a callback.
    """
    twin = held.twins[0]
    try:
        mine = desk.body()
    except Invalid:
        st.rerun()
    st.markdown(_say(twin, held, mine))
    show_texts(
        text_of(twin),
        VersionBody(content=mine.content, system_prompt=mine.system_prompt),
        titles=(title_of(twin), "Your text"),
        key="twin",
        height=HEIGHT,
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep editing", key="twin_cancel", type="tertiary"):
            st.rerun()
        if st.button(
            f"Open {plain(twin.prompt.name)}", key="twin_open", icon=":material/edit_note:"
        ):
            _open(desk, twin)
        if st.button(
            GO_ON[held.act],
            key="twin_go_on",
            type="primary",
            on_click=_accept,
            args=(desk, held, go_on),
        ):
            st.rerun()


def _say(twin: Neighbour, held: Held, mine: VersionBody) -> str:
    how = "the same, word for word" if is_word_for_word(text_of(twin), mine) else "nearly the same"
    more = len(held.twins) - 1
    others = f" So do {counted(more, 'other prompt')}." if more > 1 else ""
    others = others or (" So does another prompt." if more else "")
    return (
        f"**{plain(twin.prompt.name)}** {twin.version} says {how}.{others} Open it to go on there, "
        "or keep both."
    )


def _open(desk: Desk, twin: Neighbour) -> None:
    if desk.keeps:
        toasts.add(f"Your edits of {plain(desk.opened.prompt.name)} are kept as unsaved.")
    query = {"prompt": twin.prompt.prompt_id, "application": str(twin.prompt.application_id)}
    st.switch_page(page_path("editor"), query_params=query)


def _accept(desk: Desk, held: Held, go_on: Callable[[], None]) -> None:
    desk.told_twins |= {twin.prompt.key for twin in held.twins}
    go_on()
