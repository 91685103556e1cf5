"""Own the dialogs that erase what was said in a run, or by a person; figures stay."""

from functools import partial
from typing import Final

import streamlit as st

from core.documents import ExecutionLog, User
from core.execution.erasure import Erased, erase_execution, erase_user
from core.values.scope import Scope
from streamlit_app.components.reason_dialog import ask_for_reason
from streamlit_app.formats import counted, plain

PARAMETER: Final = "erase"
_OF_RUN: Final = """\
**Goes, for good:** the messages, the values, the answer, the words of an error, who ran it, and the
comments on it; the same of the runs that judged its answer.

**Stays:** when it ran, version, model, state, tokens, cost, times and stars, so that sums and bills
still add up. The audit says who erased it and why, never what it said. Backups made before keep
it."""
_OF_PERSON: Final = """\
**Goes, for good:** what {name} sent and was answered in all runs; comments and suggestions of
ratings; saved examples, what stands typed in the playground, and the texts and files brought to
find prompts in. Runs and ratings then name nobody.

**Stays:** figures and stars; saved prompts and versions with their author; the audit, which says
who erased this and why; backups made before; and the account. To shut it, deactivate it too."""


def can_erase(scope: Scope, row: ExecutionLog) -> bool:
    """Tell whether the viewer may erase the run, and there is anything left to erase."""
    is_over = row.status not in {"running", "queued"}
    return is_over and not row.erased_at and scope.role_in(row.application_id) == "admin"


def open_erase() -> None:
    """Say in the address that the execution is to be erased; for callbacks."""
    st.query_params[PARAMETER] = "1"


def close_erase() -> None:
    """Take it from the address again; for callbacks."""
    st.query_params.pop(PARAMETER, None)


def is_asked(scope: Scope, row: ExecutionLog) -> bool:
    """Tell whether the address asks to erase the run; where that can't be, ask it no longer."""
    if PARAMETER in st.query_params and not can_erase(scope, row):
        close_erase()
    return PARAMETER in st.query_params


def ask_to_erase_run(scope: Scope, row: ExecutionLog) -> None:
    """Open the dialog about a run; closing it leads back to its drawer."""
    short = str(row.key)[-6:]
    ask_for_reason(
        f"Erase run {short}?",
        _OF_RUN,
        verb="Erase",
        operation=lambda reason: erase_execution(scope, row.key, reason=reason),
        key=f"erase_{row.key}",
        done=lambda _: f"Erased what was said in run {short}.",
        typed_name=short,
        leave=close_erase,
    )


def ask_to_erase_person(scope: Scope, user: User) -> None:
    """Open the dialog about a person's words; call it in the run of the click that asks for it."""
    name = plain(user.full_name or user.email)
    ask_for_reason(
        f"Erase the data of {name}?",
        _OF_PERSON.format(name=name),
        verb="Erase data",
        operation=lambda reason: erase_user(scope, user.key, reason=reason),
        key=f"erase_{user.key}",
        done=partial(_tell, name),
        typed_name=user.email,
    )


def _tell(name: str, erased: Erased) -> str:
    told = (
        f"Erased the words of {name}: {counted(erased.executions, 'run')}, "
        f"{counted(erased.ratings, 'rating')}, {counted(erased.examples, 'example')}, "
        f"{counted(erased.sources, 'source')}."
    )
    left = counted(erased.running, "run")
    return f"{told} {left} not ended yet: repeat it later." if erased.running else told
