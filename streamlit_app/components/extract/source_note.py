"""Own the note about where a prompt was found: the place, who found it, and whether it changed."""

from datetime import datetime
from typing import Final, NamedTuple

import streamlit as st

from core.documents import Prompt, PromptSource
from core.extraction.listing import still_there
from core.extraction.provenance import check_again, list_sources
from core.values.scope import RANK, Scope
from prompthub.wire.extraction import CheckState
from prompthub.wire.literals import SourceType
from streamlit_app import bridge, viewer
from streamlit_app.components import problem
from streamlit_app.components.extract.wording import (
    address_link,
    title_of,
    type_badge,
)
from streamlit_app.components.once import once
from streamlit_app.components.people import actor_of
from streamlit_app.components.when import ago, exact
from streamlit_app.formats import plain
from streamlit_app.navigation import page_path

_STATES: Final[dict[str, str]] = {
    "unchanged": ":green[:material/check_circle:] The source is unchanged",
    "changed_elsewhere": ":blue[:material/tune:] The source has changed, this text is still in it",
    "changed": ":orange[:material/warning:] The source has changed, and this text is not in it "
    "any more",
    "gone": ":red[:material/link_off:] The source is gone from its address",
}
_TOLD: Final[dict[CheckState, str]] = {
    "unchanged": "The source is unchanged.",
    "changed_elsewhere": "The source has changed, but not this text.",
    "changed": "The source has changed. This text is not in it any more.",
    "gone": "The source is gone from its address.",
}


class Origin(NamedTuple):
    """One place where a prompt was found; `is_kept` says that its text can still be shown."""

    link: PromptSource
    title: str
    source_type: SourceType
    source_url: str
    is_kept: bool


async def find_origins(scope: Scope, prompt: Prompt) -> list[Origin]:
    """Return where a prompt was found, oldest first.

    Raises:
        NotFound, NotAllowed: the prompt is not the caller's to read.
    """
    links = await list_sources(scope, prompt)
    kept = await still_there([link.source_id for link in links])
    return [
        Origin(
            link,
            str(link.extraction_metadata.get("title") or ""),
            link.source_type,
            link.source_url,
            link.source_id in kept,
        )
        for link in links
    ]


def source_note(scope: Scope, prompt: Prompt) -> None:
    """Draw where the prompt was found, a line for each place; nothing for one that was written."""
    for origin in bridge.run(find_origins(scope, prompt)):
        _line(scope, prompt, origin)


def _line(scope: Scope, prompt: Prompt, origin: Origin) -> None:
    link = origin.link
    span = link.spans[0]
    with st.container(
        horizontal=True, vertical_alignment="center", gap="xsmall", key=f"origin_{link.key}"
    ):
        st.markdown(
            f"{type_badge(origin.source_type)} :small[:gray[{_about(origin)}]]",
            help=_help(link),
            width="content",
        )
        if origin.is_kept:
            st.page_link(
                page_path("extract"),
                label="Open the source at this place",
                icon=":material/my_location:",
                query_params={
                    "source": str(link.source_id),
                    "at": f"{span['start']}-{span['end']}",
                },
            )
        if origin.source_url and _may_check(scope, prompt):
            _offer_check(scope, prompt, link)
    if link.check_state and link.checked_at:
        _tell(link, link.checked_at)


def _about(origin: Origin) -> str:
    link = origin.link
    page = link.spans[0].get("page")
    named = plain(title_of(origin)) if origin.title or not origin.source_url else ""
    by = f" by {actor_of(link.created_by)}" if link.created_by else ""
    parts = (
        f"Found in {named}" if named else "Found at",
        address_link(origin),
        f"page {page}" if page else "",
        f"{ago(link.created_at)}{by}",
        "" if origin.is_kept else "its text is not kept any more",
    )
    return " · ".join(filter(None, parts)).replace("Found at · ", "Found at ")


def _help(link: PromptSource) -> str:
    by = f", by {link.extracted_by}" if link.extracted_by else ", chosen by hand"
    return f"{exact(link.created_at)}{by}, saved as {link.version}"


def _may_check(scope: Scope, prompt: Prompt) -> bool:
    held = scope.role_in(prompt.application_id)
    return held is not None and RANK[held] >= RANK["editor"]


def _offer_check(scope: Scope, prompt: Prompt, link: PromptSource) -> None:
    by = viewer.runtime().extractor
    press = once(
        "Check again",
        lambda: check_again(scope, prompt, link.key, by),
        key=f"check_{link.key}",
        done=lambda checked: _TOLD[_state_of(checked)],
        type="tertiary",
        icon=":material/sync:",
        help="Fetches the address again and compares.",
    )
    if press.error:
        problem.show(press.error, title="The source could not be looked at.")
    if press.take() is not None:
        st.rerun()


def _state_of(link: PromptSource) -> CheckState:
    for state in _TOLD:
        if state == link.check_state:
            return state
    return "unchanged"


def _tell(link: PromptSource, at: datetime) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        words = _STATES.get(link.check_state, "")
        st.markdown(f":small[{words} :gray[· looked {ago(at)}]]", help=exact(at), width="content")
        if link.check_state in {"changed", "changed_elsewhere"}:
            st.page_link(
                page_path("extract"),
                label="Read it again",
                icon=":material/travel_explore:",
                query_params={"url": link.source_url},
            )
