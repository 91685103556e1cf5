"""Own the page of people who are not signed in: the first account, signing in, registering."""

from collections.abc import Coroutine
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from pydantic import SecretStr
from streamlit.delta_generator import DeltaGenerator

from core.accounts.invitations import Offer
from core.accounts.sessions import authenticate
from core.accounts.users import NewUser, has_users, register
from core.errors import NotAuthenticated
from streamlit_app import bridge, viewer
from streamlit_app.components import invitation, problem, session_request
from streamlit_app.components.once import Press, once, press_of
from streamlit_app.components.passwords import PASSWORD_RULE
from streamlit_app.formats import plain

MODE = "sign_in_mode"
CARD = 400
FORMS = ("set_up_submit", "sign_in_submit", "register_submit", "join_submit")


def main() -> None:
    """Ask for the first account while there is none, else for a sign-in or a registration.

    A link of an invitation leads to the account that its address has or is going to have.
    """
    ticket = next(filter(None, (press_of(form, str).take() for form in FORMS)), None)
    if ticket:
        session_request.open_session(ticket)
    st.space("medium")
    if not bridge.run(has_users()):
        set_up_server()
        return
    with centred(width=CARD):
        offer = invitation.find_offer()
    if offer is not None and not offer.has_account:
        offer_to_join(offer)
    elif offer is not None:
        offer_sign_in(offer)
    elif registration_is_open() and st.session_state.get(MODE) == "register":
        offer_registration()
    else:
        offer_sign_in()


def set_up_server() -> None:
    """Create the owner's account."""
    with centred(width=520):
        st.title("Set up this server", anchor=False)
        st.caption("Takes a minute. You can change all of it later.")
        with st.container(border=True), st.form("set_up", border=False):
            st.subheader("Your account", anchor=False)
            ask_for_account()
            if viewer.runtime().setup_token is not None:
                st.text_input(
                    "Set-up token",
                    key="setup_token",
                    type="password",
                    autocomplete="off",
                    help="It is printed on the console where this server was started.",
                )
            opened = once(
                "Create account and open the library",
                register_account,
                key="set_up_submit",
                type="primary",
                width="stretch",
                in_form=True,
            )
            show_refusal(opened)


def offer_sign_in(offer: Offer | None = None) -> None:
    """Ask for address and password; of who was invited, only for the password."""
    with card("Sign in", offer), st.form("sign_in", border=False):
        place = st.container()
        st.text_input(
            "Email",
            value=offer.email if offer else "",
            key="email",
            autocomplete="username",
            icon=":material/mail:",
            placeholder="you@example.com",
        )
        st.text_input("Password", key="password", type="password", autocomplete="current-password")
        opened = once(
            "Sign in",
            sign_in,
            key="sign_in_submit",
            type="primary",
            width="stretch",
            in_form=True,
        )
        with place:
            show_refusal(opened)
    with centred():
        if offer:
            st.caption("You join when you have signed in.", width="content")
        elif registration_is_open():
            switch("No account? Create one", to="register")
        else:
            st.caption("No account? Ask the person who runs this server.", width="content")


def offer_registration() -> None:
    """Ask for what a new account needs."""
    with card("Create your account"), st.form("register", border=False):
        place = st.container()
        ask_for_account()
        opened = once(
            "Create account",
            register_account,
            key="register_submit",
            type="primary",
            width="stretch",
            in_form=True,
        )
        with place:
            show_refusal(opened)
    with centred():
        switch("Have an account? Sign in", to="sign_in")


def offer_to_join(offer: Offer) -> None:
    """Ask an invited person for what the new account needs; the address is given."""
    with card("Create your account", offer), st.form("join", border=False):
        place = st.container()
        ask_for_account(offer.email)
        opened = once(
            "Create account and join",
            join,
            key="join_submit",
            type="primary",
            width="stretch",
            in_form=True,
        )
        with place:
            show_refusal(opened)


def ask_for_account(email: str = "") -> None:
    """Draw the fields of a new account; an address that is given cannot be changed."""
    st.text_input("Full name", key="full_name", autocomplete="name", max_chars=200)
    st.text_input(
        "Email",
        key="new_email",
        value=email,
        disabled=bool(email),
        help="The invitation is for this address." if email else None,
        autocomplete="username",
        icon=":material/mail:",
        placeholder="you@example.com",
    )
    st.text_input(
        "Password",
        key="new_password",
        type="password",
        autocomplete="new-password",
        help=PASSWORD_RULE,
    )


def show_refusal(opened: Press[str]) -> None:
    """Show why the form was refused."""
    if isinstance(opened.error, NotAuthenticated):
        st.error(
            "**Email and password don't match.** Check both and try again.",
            icon=":material/error:",
        )
    elif opened.error:
        problem.show(opened.error)


def switch(label: str, *, to: str) -> None:
    """Offer the other card."""

    def choose() -> None:
        st.session_state[MODE] = to

    st.button(label, key=f"switch_to_{to}", type="tertiary", on_click=choose)


def card(title: str, offer: Offer | None = None) -> DeltaGenerator:
    """Return the one card of the page, titled, with what an invited person joins."""
    with centred(), st.container(border=True, width=CARD, key="name_card"):
        st.title(title, anchor=False, text_alignment="center")
        host = urlsplit(st.context.url or "").netloc
        st.caption(f"PromptHub on {plain(host)}", text_alignment="center")
        if offer:
            st.markdown(invitation.describe(offer), text_alignment="center")
        return st.container()


def centred(*, width: int | None = None) -> DeltaGenerator:
    """Return a place in the middle of the page."""
    middle = st.container(horizontal_alignment="center")
    return middle if width is None else middle.container(width=width)


def registration_is_open() -> bool:
    """Tell whether people may open accounts by themselves."""
    return viewer.runtime().settings.accounts.registration == "open"


def sign_in() -> Coroutine[Any, Any, str]:
    """Read the form of the sign-in card."""
    state, address = st.session_state, st.context.ip_address or "127.0.0.1"
    return verify_and_issue_ticket(state["email"], state["password"], address)


async def verify_and_issue_ticket(email: str, password: str, address: str) -> str:
    """Return the ticket for the cookie, once the password was verified.

    Raises:
        NotAuthenticated: address and password do not fit.
        RateLimited: there were too many failures.
    """
    runtime = viewer.runtime()
    user = await authenticate(
        email, password, address=address, throttle=runtime.throttle, hasher=runtime.hasher
    )
    return runtime.tickets.issue(user.key)


def register_account() -> Coroutine[Any, Any, str]:
    """Read the form of a new account."""
    return register_and_issue_ticket(typed_account(), st.session_state.get("setup_token", ""))


def join() -> Coroutine[Any, Any, str]:
    """Read the form of an invited person's account."""
    return register_and_issue_ticket(typed_account(), "", invitation.find_token())


def typed_account() -> NewUser:
    """Return what the form of a new account says."""
    state = st.session_state
    return NewUser(
        email=state["new_email"],
        password=SecretStr(state["new_password"]),
        full_name=state["full_name"],
    )


def register_and_issue_ticket(
    new: NewUser, setup_token: str, token: SecretStr | None = None
) -> Coroutine[Any, Any, str]:
    """Return what makes the account, and the ticket for its cookie."""
    address = st.context.ip_address or "127.0.0.1"
    return open_account(new, setup_token=setup_token, token=token, address=address)


async def open_account(
    new: NewUser, *, setup_token: str, token: SecretStr | None, address: str
) -> str:
    """Return the ticket for the cookie of an account just opened.

    Raises:
        Invalid: the address or the password breaks a rule, or the invitation has ended.
        AlreadyExists: the address has an account.
        NotAllowed: registration is closed, or the set-up token is wrong.
        RateLimited: too many accounts were asked for from this address.
    """
    runtime = viewer.runtime()
    user = await register(
        new,
        accounts=runtime.settings.accounts,
        setup_token=setup_token,
        needs_setup_token=runtime.setup_token,
        throttle=runtime.throttle,
        address=address,
        invitation=token,
        hasher=runtime.hasher,
    )
    return runtime.tickets.issue(user.key)


if __name__ == "__main__":
    main()
