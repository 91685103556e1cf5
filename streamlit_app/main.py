"""Own the sign-in gate and the navigation: the table of contents of the UI."""

from pathlib import Path

import streamlit as st

from core.errors import NotAllowed, NotAuthenticated, PromptHubError
from core.values.scope import Scope
from streamlit_app import viewer
from streamlit_app.components import invitation, problem, session_request, toasts
from streamlit_app.components.desk.leaving import keep_last_edits
from streamlit_app.components.title_row import title_row
from streamlit_app.navigation import ABOUT, FOLDER, PAGES, SIGN_IN, PageEntry

STATIC = Path(__file__).parent / "static"
# Selected tabs and pills and open menus take the text colour (the accent alone is 3.6:1 on a dark
# page, and that of an open menu 2:1), and the titles of cards line up with the text below them.
CSS = (
    "<style>button[role=radio][aria-checked=true],button[aria-pressed=true][data-selected],"
    "[role=tab][aria-selected=true],button[kind=tertiary][aria-expanded=true]"
    "{color:inherit!important}"
    " [class*=st-key-name_] a{translate:-.5rem}"
    " [class*=st-key-name_] a:not(:hover){background:none}</style>"
)

_ADDRESS = "address_of_page"


def main() -> None:
    """Show the page asked for to people who are signed in, and the sign-in page to others."""
    st.set_page_config(page_title="PromptHub", page_icon=str(STATIC / "icon.svg"), layout="wide")
    scheme = "dark" if st.context.theme.type == "dark" else "light"
    st.logo(str(STATIC / f"logo-{scheme}.svg"))
    st.html(CSS)
    if session_request.is_under_way():
        return
    try:
        let_in()
    except PromptHubError as error:
        problem.show(error)


def let_in() -> None:
    """Lead people who are signed in to their page and others to the sign-in card."""
    who = viewer.find_viewer()
    if who is None:
        ask_to_sign_in()
    else:
        invitation.use(who.user)
        toasts.show()
        keep_last_edits(who.scope)
        show_page(who.scope)


def ask_to_sign_in() -> None:
    """Answer at every address with the sign-in page, so that deep links survive it."""
    st.navigation(
        [st.Page(SIGN_IN, title="Sign in", url_path=page.url_path) for page in PAGES],
        position="hidden",
    ).run()


def show_page(scope: Scope) -> None:
    """Build the menu for the viewer's role and run the page asked for, or say whose it is."""
    sections: dict[str, list[st.Page]] = {}
    for page in PAGES:
        sections.setdefault(page.section, []).append(
            as_page(page, is_offered=page.is_in_menu(scope))
        )
    chosen = st.navigation(sections, position="top")
    closed = {page.url_path: page for page in PAGES if not page.is_for(scope)}
    try:
        if chosen.url_path in closed:
            refuse(closed[chosen.url_path])
        else:
            tell_browser(chosen.url_path)
            chosen.run()
    except NotAuthenticated:
        viewer.forget()
        st.rerun()


def tell_browser(page: str) -> None:
    """Put the address of a link to the page that is open into the browser.

    Streamlit gives it to this run alone; with the next run the page would be what it was before.
    """
    address = {name: st.query_params.get_all(name) for name in ABOUT if name in st.query_params}
    before, st.session_state[_ADDRESS] = st.session_state.get(_ADDRESS), (page, address)
    if before is None or before[0] != page or before[1] == address:
        return
    if not address:
        st.query_params.clear()
    for name, values in address.items():
        st.query_params[name] = values


def refuse(page: PageEntry) -> None:
    """Answer at the address of a page that is not for the viewer."""
    title_row(page.title)
    whom = "superusers" if page.superuser_only else "superusers and admins of an application"
    problem.show(NotAllowed(f"This page is for {whom}. Ask one of them to do it for you."))
    st.page_link(FOLDER / PAGES[0].file, label="Go to the library", icon=":material/arrow_back:")


def as_page(page: PageEntry, *, is_offered: bool) -> st.Page:
    """Turn an entry of the table into a page of Streamlit; others have only their address."""
    return st.Page(
        FOLDER / page.file,
        title=page.title,
        icon=f":material/{page.icon}:",
        url_path=page.url_path,
        default=page is PAGES[0],
        visibility="visible" if is_offered else "hidden",
    )


if __name__ == "__main__":
    main()
