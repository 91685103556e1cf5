"""Own the review of one source: its text left, the proposals right, saving on top."""

from typing import Final

import streamlit as st
from bson import ObjectId

from core.accounts.applications import get_application
from core.documents import Application
from core.errors import NotAuthenticated, PromptHubError
from core.values.scope import Scope
from streamlit_app import bridge, viewer
from streamlit_app.components import problem, toasts
from streamlit_app.components.extract import acts
from streamlit_app.components.extract.address import back_to_list, write_stretch
from streamlit_app.components.extract.describe_dialog import ask_to_describe, describe_job
from streamlit_app.components.extract.filters import (
    Listed,
    choose,
    count_line,
    is_chosen,
    listed,
    offer_pages,
)
from streamlit_app.components.extract.mark_dialog import ask_to_mark, mark_stretch
from streamlit_app.components.extract.opening import open_review
from streamlit_app.components.extract.row import proposal_row
from streamlit_app.components.extract.save_dialog import ask_to_save, save_job
from streamlit_app.components.extract.source_view import source_view
from streamlit_app.components.extract.state import Item, Review
from streamlit_app.components.extract.twin import look_around
from streamlit_app.components.extract.window import pieces_of, window_of
from streamlit_app.components.extract.wording import (
    address_link,
    size_of,
    title_of,
    type_badge,
)
from streamlit_app.components.people import actor_of
from streamlit_app.components.title_row import title_row
from streamlit_app.components.when import ago, exact
from streamlit_app.formats import counted, plain

HEIGHT: Final = 505


def review_page(scope: Scope, source_id: ObjectId) -> None:
    """Load the source and draw its review, or say why there is none."""
    try:
        review = open_review(scope, source_id)
        application = bridge.run(get_application(scope, review.source.application_id))
    except PromptHubError as error:
        title_row("Extract")
        problem.show(error)
        back_to_list()
        return
    _work(review, application)


@st.fragment
def _work(review: Review, application: Application) -> None:
    """Answer ticks, edits and filters without running the whole page."""
    if toasts.are_waiting():
        st.rerun()
    try:
        _draw(viewer.scope(), review, application)
    except NotAuthenticated:
        viewer.forget()
        st.rerun()
    except PromptHubError as error:
        problem.show(error)


def _draw(scope: Scope, review: Review, application: Application) -> None:
    scope.require("viewer", review.source.application_id, kind="source", key=str(review.source.key))
    write_stretch(review.chosen)
    items = review.items()
    _head(scope, review, application, items)
    if review.error:
        problem.show(review.error)
    if not items:
        _nothing(scope, review)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        with st.container(
            horizontal=True, gap="xsmall", vertical_alignment="center", width="content"
        ):
            page = listed(choose(items))
        if review.can_write(scope):
            with st.container(horizontal=True, gap="xsmall", width="content"):
                _offer_ticks(scope, review, page)
    left, right = st.columns(2, gap="small")
    with left:
        _source(scope, review, page)
    with right:
        _list(scope, review, page, items)
    offer_pages(page)


def _head(scope: Scope, review: Review, application: Application, items: list[Item]) -> None:
    source = review.source
    chosen = [item for item in items if is_chosen(item)]
    with title_row(plain(title_of(source))):
        back_to_list()
        if review.can_write(scope):
            _offer_names(scope, review, items)
            asks = st.button(
                f"Save {counted(len(chosen), 'draft')}..." if chosen else "Save drafts...",
                key="extract_ask",
                type="primary",
                icon=":material/save:",
                shortcut="Ctrl+S",
                disabled=not chosen,
                help=None if chosen else "Tick what you want to keep.",
            )
            if asks or save_job().is_under_way:
                ask_to_save(scope, review, chosen, application.name)
    about = [
        address_link(source),
        size_of(source.characters, len(source.pages)),
        f"in {plain(application.name)}",
        f"read {ago(source.fetched_at)} by {actor_of(source.created_by)}",
    ]
    st.markdown(
        f"{type_badge(source.source_type)} :small[:gray[{' · '.join(filter(None, about))}]]",
        help=f"{exact(source.fetched_at)}, with {source.extracted_by}",
    )
    if items:
        st.caption(count_line(items))
    if not review.can_write(scope):
        st.markdown(
            ":small[:gray[:material/visibility: You can read this source. "
            "Saving prompts from it needs the role editor.]]"
        )


def _offer_names(scope: Scope, review: Review, items: list[Item]) -> None:
    nameless = sum(
        item.kind == "prompt" and item.is_open and not (item.described_by or item.is_marked)
        for item in items
    )
    if not nameless:
        return
    asks = st.button(
        "Suggest names...",
        key="extract_describe",
        icon=":material/auto_awesome:",
        help="Lets a model propose name, description and tags.",
    )
    if asks or describe_job(review.source.key).is_under_way:
        ask_to_describe(scope, review.source.key, nameless)


def _nothing(scope: Scope, review: Review) -> None:
    marks = (
        " Select in the text below what you want to keep, and mark it as a prompt."
        if review.can_write(scope)
        else ""
    )
    st.markdown(
        "**No prompts were found here.** Looked for were quoted and set-off texts, and sentences "
        f'that begin like "Act as", "You are" or "Write".{marks}'
        if review.text
        else "**There is no text here.**"
    )


def _offer_ticks(scope: Scope, review: Review, page: Listed) -> None:
    open_ones = [item for item in page.items if item.is_open]
    marks = st.button(
        "Mark...",
        key="mark_ask",
        type="tertiary",
        icon=":material/ink_highlighter:",
        help="Mark a prompt that was not found.",
    )
    if marks:
        ask_to_mark(scope, review)
    if review.done:
        last = review.done[-1]
        st.button(
            "Undo",
            key="extract_undo",
            type="tertiary",
            icon=":material/undo:",
            help=f"Undo {plain(last.words)}.",
            on_click=acts.undo,
            args=(scope, review),
        )
    for ticked, words, icon in (
        (True, "Tick all", "check_box"),
        (False, "None", "check_box_outline_blank"),
    ):
        number = sum(item.ticked != ticked for item in open_ones)
        st.button(
            f"{words} {len(open_ones):,}" if ticked and number else words,
            key=f"tick_all_{ticked}",
            type="tertiary",
            icon=f":material/{icon}:",
            disabled=not number,
            help="Ticks all that are listed, on all pages."
            if ticked
            else "Unticks all that are listed, on all pages.",
            on_click=acts.tick_all,
            args=(scope, review, open_ones),
            kwargs={"ticked": ticked},
        )


def _source(scope: Scope, review: Review, page: Listed) -> None:
    chosen = review.chosen
    window = window_of(page.items, page.first, page.last, len(review.text))
    source_view(
        pieces_of(
            review.text,
            window,
            page.shown,
            review.source.pages,
            chosen=chosen,
            widened=review.widened,
        ),
        key="source_view",
        chosen=chosen,
        scrolled=review.scrolled,
        height=HEIGHT,
        on_pick=lambda start, end: acts.select(review, start, end),
        on_widen=review.widened.add,
        on_mark=(lambda start, end: _mark(scope, review, start, end))
        if review.can_write(scope)
        else None,
    )


def _mark(scope: Scope, review: Review, start: int, end: int) -> None:
    mark_stretch(scope, review, start, end)


def _list(scope: Scope, review: Review, page: Listed, items: list[Item]) -> None:
    chosen = review.chosen
    following = dict(zip((item.start for item in items), items[1:], strict=False))
    with st.container(height=HEIGHT, border=False, gap="xsmall", key="found_list"):
        if items and not page.items:
            st.markdown("Nothing matches. Choose *All*, or clear the search.")
        for item in page.shown:
            proposal_row(
                scope,
                review,
                item,
                following=_mergeable(following.get(item.start)),
                near=review.near.get((item.name, item.content)),
                is_open=chosen is not None and item.start <= chosen[0] < item.end,
            )
    if review.can_write(scope):
        look_around(scope, review, page.shown)


def _mergeable(item: Item | None) -> Item | None:
    return item if item is not None and item.is_open else None
