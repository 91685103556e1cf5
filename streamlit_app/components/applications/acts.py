"""Own the button of a form that changes fields of one application."""

from collections.abc import Callable, Coroutine
from typing import Any

import streamlit as st

from core.accounts.applications import ApplicationChanges, update_application
from core.documents import Application
from streamlit_app import viewer
from streamlit_app.components import problem
from streamlit_app.components.once import once


def field_key(application: Application, name: str) -> str:
    """Return the key of a field, another one once the application was changed."""
    return f"app_{name}_{application.key}_{application.revision}"


def typed(application: Application, name: str) -> Any:
    """Return what stands in a field."""
    return st.session_state[field_key(application, name)]


def save_button(
    application: Application, area: str, read: Callable[[], ApplicationChanges], *, told: str
) -> None:
    """Draw the button that stores what `read` finds in the fields of the form around it."""
    scope = viewer.scope()

    def save() -> Coroutine[Any, Any, Application]:
        return update_application(scope, application.key, read())

    pressed = once(
        f"Save {area}",
        save,
        key=f"save_{area.replace(' ', '_')}",
        done=lambda _: told,
        type="primary",
        in_form=True,
    )
    if pressed.error:
        problem.show(pressed.error)
    if pressed.take() is not None:
        st.rerun()
