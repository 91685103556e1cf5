"""Own the overview of an application: what it is called, where to go from it, its facts."""

import streamlit as st

from core.accounts.applications import ApplicationChanges
from core.documents import Application
from core.values.scope import Scope
from streamlit_app.components.applications.acts import field_key, save_button, typed
from streamlit_app.components.applications.wording import key_name, last_use
from streamlit_app.components.when import ago, exact
from streamlit_app.formats import count, counted, money, plain
from streamlit_app.navigation import page_path


def overview_tab(scope: Scope, application: Application) -> None:
    """Draw the links, the name and what is set in the other tabs."""
    del scope
    links(application)
    with st.container(width=640):
        _name_form(application)
        facts(application)
        st.caption(
            f"{key_name(application)} · {last_use(application)} · "
            f"created {ago(application.created_at)}",
            help=f"Id {application.key}, created {exact(application.created_at)}",
        )


def links(application: Application) -> None:
    """Draw the ways to what the application owns."""
    query = {"application": str(application.key)}
    with st.container(horizontal=True):
        st.page_link(
            page_path("library"),
            label="Prompts",
            icon=":material/library_books:",
            query_params={"app": application.name},
        )
        for page, label, icon in (
            ("executions", "Runs", "list_alt"),
            ("analytics", "Figures", "monitoring"),
        ):
            st.page_link(
                page_path(page), label=label, icon=f":material/{icon}:", query_params=query
            )


def facts(application: Application) -> None:
    """Draw what is set for the application, one line each."""
    limits = application.limits
    models = ", ".join(application.allowed_models) or "every model that is offered"
    budget = "none"
    if limits.monthly_budget_usd is not None:
        end = "stops runs" if limits.hard_stop else "warns only"
        budget = f"{money(limits.monthly_budget_usd)} a month, {end}"
    rate = (
        "the server's limit"
        if limits.executions_per_minute is None
        else f"{count(limits.executions_per_minute)} a minute"
    )
    content = "with texts" if application.log_content == "full" else "without texts"
    days = application.retention_days
    kept = "for ever" if days is None else f"for {counted(days, 'day')}"
    rows = (
        ("smart_toy", "Models", models),
        ("speed", "Runs", rate),
        ("payments", "Budget", budget),
        ("list_alt", "Log", f"{content}, kept {kept}"),
        ("schedule", "Time zone", application.time_zone),
    )
    with st.container(gap="xxsmall"):
        for icon, name, value in rows:
            with st.container(horizontal=True, gap="small"):
                st.markdown(f":small[:gray[:material/{icon}: {name}]]", width=110)
                # A container shrinks beside the name where a text would go below it.
                with st.container(width="stretch"):
                    st.markdown(f":small[{plain(value)}]")


def _name_form(application: Application) -> None:
    with st.form("app_name"):
        st.text_input("Name", application.name, key=field_key(application, "name"), max_chars=100)
        st.text_area(
            "Description",
            application.description,
            key=field_key(application, "description"),
            max_chars=5000,
            height=90,
        )
        save_button(
            application,
            "details",
            lambda: ApplicationChanges(
                name=typed(application, "name"), description=typed(application, "description")
            ),
            told="Saved name and description.",
        )
