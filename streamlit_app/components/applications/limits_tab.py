"""Own which models an application may run, and how often."""

from decimal import Decimal

import streamlit as st

from core.accounts.applications import ApplicationChanges
from core.documents import Application, Limits
from core.values.scope import Scope
from streamlit_app import bridge, viewer
from streamlit_app.components.applications.acts import field_key, save_button, typed
from streamlit_app.formats import count


def limits_tab(scope: Scope, application: Application) -> None:
    """Draw the form of allowed models and of runs per minute."""
    del scope
    offered = [choice.name for choice in bridge.run(viewer.runtime().engine.registry.models())]
    usual = viewer.runtime().settings.execution.per_minute
    with st.container(width=640), st.form("app_limits"):
        st.multiselect(
            "Allowed models",
            [*offered, *(name for name in application.allowed_models if name not in offered)],
            default=application.allowed_models,
            key=field_key(application, "models"),
            accept_new_options=True,
            max_selections=200,
            placeholder="Every model that is offered",
            help="Runs on any other model are refused. Choose some, or type connection/model.",
        )
        st.number_input(
            "Runs per minute",
            min_value=1,
            max_value=1_000_000,
            value=application.limits.executions_per_minute,
            key=field_key(application, "rate"),
            placeholder=f"{count(usual)}, as the server is set",
            help="Runs beyond it are refused until the minute is over. Runs from these pages "
            "count too. Empty: what the server is set to.",
        )
        save_button(application, "limits", lambda: read(application), told="Saved the limits.")


def read(application: Application) -> ApplicationChanges:
    """Return what the form says; the budget beside it stays."""
    return ApplicationChanges(
        allowed_models=tuple(typed(application, "models")),
        limits=with_limits(application, executions_per_minute=typed(application, "rate")),
    )


def with_limits(application: Application, **changed: int | bool | Decimal | None) -> Limits:
    """Return the limits with some of them changed, checked."""
    return Limits.model_validate({**application.limits.model_dump(), **changed})
