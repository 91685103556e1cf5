"""Own how an error is told on a page: what happened, why, and what to do."""

import streamlit as st
from pydantic import ValidationError

from core.errors import (
    BudgetExceeded,
    Conflict,
    GuardrailBlocked,
    Invalid,
    NotAllowed,
    NotAuthenticated,
    NotConfigured,
    NotFound,
    PromptHubError,
    ProviderError,
    ProviderTimeout,
    RateLimited,
    StaleRevision,
    Unavailable,
)
from streamlit_app.formats import duration, plain

# The first class that fits gives the words; special before general.
_TITLES: tuple[tuple[type[PromptHubError], str], ...] = (
    (NotFound, "Not found."),
    (StaleRevision, "Changed while you were editing."),
    (Conflict, "That does not fit the present state."),
    (Invalid, "That can't be used as it is."),
    (NotAuthenticated, "Not signed in."),
    (NotAllowed, "Your role does not allow this."),
    (RateLimited, "Too many attempts."),
    (BudgetExceeded, "The budget is used up."),
    (GuardrailBlocked, "Blocked by a check."),
    (NotConfigured, "Something is not set up yet."),
    (Unavailable, "Not available now."),
    (ProviderTimeout, "No answer in time."),
    (ProviderError, "The model did not answer."),
)


def show(error: PromptHubError, *, title: str = "") -> None:
    """Show the error in place; `title` (what happened) replaces the words of its class."""
    if isinstance(error, GuardrailBlocked):
        st.warning(words(error, title=title), icon=":material/shield:")
    else:
        st.error(words(error, title=title), icon=":material/error:")


def words(error: PromptHubError, *, title: str = "") -> str:
    """Return the markdown `**what** why what to do` of an error, its own words as plain text."""
    what = title or next((text for kind, text in _TITLES if isinstance(error, kind)), "It failed.")
    return " ".join(filter(None, (f"**{what}**", plain(error.message), plain(_remedy(error)))))


def as_problem(error: PromptHubError | ValidationError) -> PromptHubError:
    """Return an error of ours for input that a model refused, naming the first field at fault."""
    if isinstance(error, PromptHubError):
        return error
    first = error.errors(include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    reason = first["msg"].removeprefix("Value error, ")
    return Invalid(f"{field.replace('_', ' ').capitalize()}: {reason}.", field=field)


def _remedy(error: PromptHubError) -> str:
    if isinstance(error, RateLimited):
        return f"Try again in {duration(error.retry_after_seconds * 1000)}."
    if isinstance(error, (Invalid, NotConfigured, Unavailable)):
        return error.remedy
    if type(error) in {ProviderError, ProviderTimeout}:
        return "Try again, or choose another model."
    return ""
