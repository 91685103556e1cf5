"""Own inviting people: a member at once who has an account, else a link that is shown once."""

from collections.abc import Coroutine
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode

import streamlit as st

from core.accounts.invitations import Invited, invite, list_invitations, revoke_invitation
from core.documents import Application, Invitation
from core.values.scope import Scope
from streamlit_app import bridge, viewer
from streamlit_app.addresses import shown_address
from streamlit_app.components import problem
from streamlit_app.components.applications.wording import ROLES, role_help
from streamlit_app.components.confirm import confirm
from streamlit_app.components.invitation import PARAMETER
from streamlit_app.components.once import once
from streamlit_app.components.people import address_of, called
from streamlit_app.components.when import ago, exact
from streamlit_app.formats import counted


class Link(NamedTuple):
    """A link just made, which can be shown this once."""

    email: str
    address: str


def invite_form(scope: Scope, application: Application) -> None:
    """Draw the form, and the link of who was invited last."""
    if not application.is_active:
        st.caption("Restore the application to invite people.")
        return
    with st.form("invite"):
        st.markdown("**Invite**")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(
                "Email", key="invite_email", autocomplete="off", placeholder="you@example.com"
            )
            st.selectbox("Role", ROLES, key="invite_role", help=role_help(), width=160)
            press = once(
                "Invite",
                partial(_invite, scope, application),
                key=f"invite_{application.key}",
                done=_told,
                type="primary",
                in_form=True,
            )
        days = viewer.runtime().settings.accounts.invitation_days
        st.caption(
            "People with an account here are members at once. For others you get a link: it lets "
            f"exactly this address register, once, within {counted(days, 'day')}."
        )
        if press.error:
            problem.show(press.error)
    invited = press.take()
    if invited is not None and invited.invitation and invited.token:
        query = urlencode({PARAMETER: invited.token.get_secret_value()})
        address = f"{_reached_at()}/?{query}"
        st.session_state[_link_of(application)] = Link(invited.invitation.email, address)
    _show_link(application)


def _invite(scope: Scope, application: Application) -> Coroutine[Any, Any, Invited]:
    runtime, state = viewer.runtime(), st.session_state
    return invite(
        scope,
        application.key,
        state["invite_email"],
        state["invite_role"],
        days=runtime.settings.accounts.invitation_days,
        limits=runtime.limits,
    )


def _told(invited: Invited) -> str:
    if invited.user is not None:
        return f"{called(invited.user)} is a member now."
    return "Made a link. Hand it over yourself."


def _reached_at() -> str:
    """Return the address of the server as whoever invites has reached it."""
    server = viewer.runtime().settings.server
    address = server.public_url or (st.context.url or "").split("/applications")[0]
    return (address or shown_address(server)).rstrip("/")


def _show_link(application: Application) -> None:
    link: Link | None = st.session_state.get(_link_of(application))
    if link is None:
        return
    with st.container(border=True, key="invitation_link"):
        st.markdown(
            f":material/link: **This is the link for {address_of(link.email)}. "
            "It is shown this once.**  \n"
            ":small[Nothing is sent by PromptHub: copy it and hand it over yourself.]"
        )
        st.code(link.address, language=None, wrap_lines=True)
        st.button(
            "I have copied it",
            key="put_link_away",
            icon=":material/check:",
            on_click=_put_away,
            args=(application,),
        )


def _put_away(application: Application) -> None:
    st.session_state.pop(_link_of(application), None)


def _link_of(application: Application) -> str:
    return f"invitation_link_{application.key}"


def open_invitations(scope: Scope, application: Application) -> None:
    """Draw the invitations that nobody has used yet."""
    found = bridge.run(list_invitations(scope, application.key))
    if not found:
        return
    with st.expander(counted(len(found), "open invitation"), expanded=len(found) <= 5):  # noqa: PLR2004  # more would push the people off the page
        for one in found:
            _open_row(scope, application, one)


def _open_row(scope: Scope, application: Application, one: Invitation) -> None:
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(
            f"{address_of(one.email)} :gray-badge[{one.role}] :small[:gray[invited "
            f"{ago(one.created_at)}, ends {exact(one.expires_at)}]]",
            width="stretch",
        )
        if st.button("Take back...", key=f"revoke_{one.key}", type="tertiary"):
            confirm(
                f"Take the invitation of {one.email} back?",
                "Its link opens nothing any more. You can invite the address again.",
                verb="Take it back",
                operation=partial(_revoke, scope, application, one),
                key=f"revoke_it_{one.key}",
                done=lambda email: f"The link of {address_of(email)} opens nothing any more.",
            )


async def _revoke(scope: Scope, application: Application, one: Invitation) -> str:
    await revoke_invitation(scope, application.key, one.key)
    return one.email
