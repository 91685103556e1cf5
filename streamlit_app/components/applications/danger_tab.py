"""Own taking an application out of service and back, and leaving it."""

from functools import partial

import streamlit as st

from core.accounts.applications import deactivate_application, restore_application
from core.accounts.members import remove_member
from core.documents import Application
from core.values.scope import Scope
from streamlit_app import viewer
from streamlit_app.components import problem
from streamlit_app.components.applications.ownership import transfer_button
from streamlit_app.components.applications.wording import last_use
from streamlit_app.components.confirm import confirm
from streamlit_app.components.once import once
from streamlit_app.formats import plain


def danger_tab(scope: Scope, application: Application) -> None:
    """Draw what others notice at once, each with its button."""
    with st.container(width=640):
        transfer_button(scope, application)
        _switch(scope, application)
        leave_button(scope, application)


def _switch(scope: Scope, application: Application) -> None:
    with st.container(border=True):
        if application.is_active:
            st.markdown("**Take it out of service**")
            st.caption(
                f"Its key is refused at once ({plain(last_use(application))}) and nothing runs any "
                "more. Prompts, log and figures stay readable. You can restore it at any time."
            )
            if st.button("Deactivate...", key="deactivate", icon=":material/block:"):
                _ask_to_deactivate(scope, application)
            return
        st.markdown("**Deactivated**")
        st.caption("Its key is refused and nothing runs. Restored, it takes the same key again.")
        press = once(
            "Restore",
            partial(restore_application, scope, application.key),
            key=f"restore_{application.key}",
            icon=":material/unarchive:",
            type="primary",
            done=lambda after: f"Restored {plain(after.name)}; its key is accepted again.",
        )
        if press.error:
            problem.show(press.error)
        if press.take() is not None:
            st.rerun()


def _ask_to_deactivate(scope: Scope, application: Application) -> None:
    confirm(
        f"Deactivate {application.name}?",
        "Programs that use its key are refused at once, and nobody can run its prompts. Nothing "
        "is deleted; you can restore it at any time.",
        verb="Deactivate",
        operation=partial(deactivate_application, scope, application.key),
        key=f"deactivate_{application.key}",
        done=lambda after: f"Deactivated {plain(after.name)}.",
        typed_name=application.name,
    )


def leave_button(scope: Scope, application: Application) -> None:
    """Offer members to give up their role; the owner hands the application over first."""
    user_id = scope.user_id
    if user_id is None or all(member.user_id != user_id for member in application.members):
        return
    if st.button("Leave this application...", key="leave", type="tertiary"):
        confirm(
            f"Leave {application.name}?",
            "You don't see its prompts, runs and figures any more, until an admin invites you "
            "again.",
            verb="Leave",
            operation=partial(remove_member, scope, application.key, user_id),
            key=f"leave_{application.key}",
            done=_after_leaving,
        )


def _after_leaving(application: Application) -> str:
    viewer.forget()
    st.query_params.pop("application", None)
    return f"You have left {plain(application.name)}."
