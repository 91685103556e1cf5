"""Own the address of pages about one prompt: ?prompt=ID&application=ID&version=N."""

from collections.abc import Iterable
from typing import NamedTuple

import streamlit as st
from bson import ObjectId

from core.accounts.directory import find_named
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components.title_row import title_row
from streamlit_app.formats import plain
from streamlit_app.navigation import page_path


class Asked(NamedTuple):
    """What the address names; None where it doesn't, or where that is no id."""

    prompt_id: str | None
    application_id: ObjectId | None
    version: str | None


def asked_for() -> Asked:
    """Read the address of the page."""
    application = st.query_params.get("application", "")
    return Asked(
        st.query_params.get("prompt") or None,
        ObjectId(application) if ObjectId.is_valid(application) else None,
        st.query_params.get("version") or None,
    )


def no_prompt(title: str) -> None:
    """Say that the page needs a prompt, and where to find one."""
    title_row(title)
    st.markdown("Open a prompt in the library to see it here.")
    st.page_link(page_path("library"), label="Go to the library", icon=":material/library_books:")


def choose_application(
    scope: Scope, prompt_id: str, candidates: Iterable[ObjectId], page: str
) -> None:
    """Offer the applications that have a prompt of this id."""
    title_row(plain(prompt_id))
    st.markdown("Several of your applications have a prompt with this id. Choose one:")
    names = bridge.run(find_named(scope, candidates))
    for key, name in sorted(names.items(), key=lambda one: one[1].casefold()):
        st.page_link(
            page_path(page),
            label=plain(name),
            icon=":material/apps:",
            query_params={"prompt": prompt_id, "application": str(key)},
        )
