"""Own the link of an invitation: what it offers to visitors, and its use by who is signed in."""

import streamlit as st
from pydantic import SecretStr

from core.accounts.acceptance import accept_invitation
from core.accounts.invitations import Offer, read_invitation
from core.documents import User
from core.errors import Conflict, Invalid
from streamlit_app import bridge, viewer
from streamlit_app.components import problem, toasts
from streamlit_app.formats import plain

PARAMETER = "invitation"
_REFUSED = "This link can't be used."


def find_token() -> SecretStr | None:
    """Return what the address of the page carries of an invitation."""
    token = st.query_params.get(PARAMETER)
    return SecretStr(token) if token else None


def find_offer() -> Offer | None:
    """Return what the link offers; say why when it offers nothing any more."""
    token = find_token()
    if token is None:
        return None
    try:
        return bridge.run(read_invitation(token))
    except Invalid as error:
        problem.show(error, title=_REFUSED)
        return None


def describe(offer: Offer) -> str:
    """Return what the invited person joins, as markdown."""
    return f"You are invited to **{plain(offer.application_name)}** with the role {offer.role}."


def use(user: User) -> None:
    """Make the signed-in person a member when the address carries an invitation; say if not."""
    token = find_token()
    if token is None:
        return
    try:
        bridge.run(accept_invitation(user, token))
    except (Invalid, Conflict) as error:
        problem.show(error, title=_REFUSED)
        return
    viewer.forget()  # what was looked up a moment ago did not hold the new role
    toasts.add("Invitation accepted. You are a member now.")
    del st.query_params[PARAMETER]
