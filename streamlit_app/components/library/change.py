"""Own a change to many prompts: its progress, what came of it, and the way back."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st
from bson import ObjectId

from core.prompts.many import Changed, deactivate_prompts, restore_prompts, retag_prompts
from core.values.scope import Scope
from streamlit_app.components import problem, toasts
from streamlit_app.components.job import Progress, job_of
from streamlit_app.components.library.ticks import clear_ticks
from streamlit_app.components.once import once
from streamlit_app.formats import counted, plain

_KEY: Final = "library_change"
_OUTCOME: Final = "library_outcome"
PROBLEMS_SHOWN: Final = 5


@dataclass(frozen=True)
class Change:
    """One change: the words while it runs, its work, its words in the past, and its reverse."""

    meanwhile: str
    work: Callable[[Progress], Coroutine[Any, Any, Changed]]
    past: str
    reverse: Callable[[Changed], "Change"] | None = None


@dataclass(frozen=True)
class Outcome:
    """What the last change did, and how it is undone."""

    changed: Changed
    past: str
    undo: Change | None


def deactivation(scope: Scope, keys: list[ObjectId]) -> Change:
    """Return the change that takes prompts out of service."""
    return Change(
        "Deactivating...",
        lambda progress: deactivate_prompts(scope, keys, progress=progress),
        "Deactivated",
        lambda changed: restoration(scope, list(changed.keys), can_undo=False),
    )


def restoration(scope: Scope, keys: list[ObjectId], *, can_undo: bool = True) -> Change:
    """Return the change that puts prompts back into service."""
    return Change(
        "Restoring...",
        lambda progress: restore_prompts(scope, keys, progress=progress),
        "Restored",
        (lambda changed: deactivation(scope, list(changed.keys))) if can_undo else None,
    )


def old_tags(scope: Scope, before: Mapping[ObjectId, tuple[str, ...]]) -> Change:
    """Return the change that gives prompts the tags back that they had."""
    return Change(
        "Putting tags back...",
        lambda progress: retag_prompts(scope, before, progress=progress),
        "Put back the tags of",
    )


def begin(change: Change) -> Coroutine[Any, Any, None]:
    """Begin a change unless another one runs; for the operation of `once`."""
    job = job_of(_KEY, Changed)
    if not job.is_under_way:
        st.session_state[_KEY] = change
    return job.start(change.work)


def watch() -> None:
    """Draw the progress of a change that runs; at its end the whole page runs again."""
    change: Change | None = st.session_state.get(_KEY)
    if change is None:
        return
    job = job_of(_KEY, Changed)
    changed = job.watch(change.meanwhile)
    if changed is not None:
        undo = change.reverse(changed) if change.reverse and changed.keys else None
        tell(Outcome(changed, change.past, undo))
        clear_ticks()
        # Forgotten before the change is: a click may end this run at any use of the session.
        job.forget()
    st.session_state.pop(_KEY, None)
    if changed is not None:
        st.rerun()
    if job.error is not None:
        problem.show(job.error)


def tell(outcome: Outcome) -> None:
    """Say it in passing where nothing is left to do about it, else until it is dismissed."""
    if outcome.undo or outcome.changed.problems:
        st.session_state[_OUTCOME] = outcome
    else:
        dismiss()
        toasts.add(said(outcome))


def show_outcome() -> None:
    """Say what the last change did, and offer to undo it."""
    outcome: Outcome | None = st.session_state.get(_OUTCOME)
    if outcome is None:
        return
    problems = outcome.changed.problems
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        icon = "warning" if problems else "check"
        st.markdown(f":material/{icon}: {said(outcome)}", width="content")
        if outcome.undo:
            undo = outcome.undo
            once("Undo", lambda: begin(undo), key="library_undo", icon=":material/undo:")
        st.button("Dismiss", key="library_dismiss", type="tertiary", on_click=dismiss)
    if problems:
        more = len(problems) - PROBLEMS_SHOWN
        lines = [f"- {plain(one)}" for one in problems[:PROBLEMS_SHOWN]]
        lines += [f"- and {more:,} more"] if more > 0 else []
        st.markdown("\n".join(lines))


def said(outcome: Outcome) -> str:
    """Return what a change did, in words."""
    number, failed = len(outcome.changed.keys), len(outcome.changed.problems)
    words = f"{outcome.past} {counted(number, 'prompt')}."
    if not number and not failed:
        return "Nothing to change: the prompts are so already."
    return f"{words} {counted(failed, 'prompt')} could not be changed:" if failed else words


def dismiss() -> None:
    """Take the last outcome away; for callbacks."""
    st.session_state.pop(_OUTCOME, None)
