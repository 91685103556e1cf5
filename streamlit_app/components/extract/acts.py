"""Own what can be done to proposals: callbacks that change the review and store it at once."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

import streamlit as st
from pydantic import ValidationError

from core.errors import PromptHubError
from core.extraction.marking import cut_stretch, refuse_overlap
from core.extraction.review import AS_PROPOSED, Choice, keep_choices
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components.extract.address import write_stretch
from streamlit_app.components.extract.state import MAX_UNDO, Item, Review, Undo
from streamlit_app.components.problem import as_problem
from streamlit_app.formats import counted


def select(review: Review, start: int, end: int) -> None:
    """Open a proposal, and show it in the source."""
    review.chosen = start, end
    write_stretch(review.chosen)
    review.scrolled += 1


def close(review: Review) -> None:
    """Open no proposal."""
    review.chosen = None
    write_stretch(None)


def tick(scope: Scope, review: Review, start: int, key: str) -> None:
    """Take over a tick box."""
    change(scope, review, {start: {"ticked": bool(st.session_state[key])}})


def tick_all(scope: Scope, review: Review, items: Iterable[Item], *, ticked: bool) -> None:
    """Tick or untick many; it can be taken back."""
    wanted = [item for item in items if item.is_open and item.ticked != ticked]
    words = f"{'ticking' if ticked else 'unticking'} {counted(len(wanted), 'proposal')}"
    change(scope, review, {item.start: {"ticked": ticked} for item in wanted}, undo=words)
    review.generation += 1


def edit(scope: Scope, review: Review, start: int, name: str, key: str) -> None:
    """Take over a field of the form."""
    value: Any = st.session_state[key]
    if isinstance(value, list):
        value = tuple(cast("list[str]", value))
    change(scope, review, {start: {name: value}})


def mark(scope: Scope, review: Review, start: int, end: int) -> bool:
    """Make a proposal of a stretch that no rule found; return whether it is one now."""
    review.error = None
    items = review.items()
    try:
        stretch = cut_stretch(review.text, start, end)
        if stretch not in {(item.start, item.end) for item in items}:
            refuse_overlap(stretch, ((item.start, item.end, item.name) for item in items))
    except PromptHubError as error:
        review.error = error
        return False
    if all(item.start != stretch.start for item in items):
        marked = {**AS_PROPOSED.model_dump(), "marked": stretch.end}
        change(scope, review, {stretch.start: marked}, undo="marking a prompt")
        if review.error:
            return False
    select(review, *stretch)
    return True


def drop(scope: Scope, review: Review, item: Item) -> None:
    """Put a proposal aside; what was marked is no proposal any more."""
    close(review)
    if item.is_marked:
        as_proposed = AS_PROPOSED.model_dump()
        change(scope, review, {item.start: as_proposed}, undo=f'unmarking "{item.name}"')
        return
    change(scope, review, {item.start: {"dropped": True}}, undo=f'dropping "{item.name}"')


def take_up(scope: Scope, review: Review, item: Item) -> None:
    """Bring a dropped proposal back."""
    change(scope, review, {item.start: {"dropped": False}})


def merge(scope: Scope, review: Review, item: Item, following: Item) -> None:
    """Make one proposal of two that follow each other; the text between belongs to its span."""
    merged = {
        "end": following.end,
        "content": f"{item.content}\n\n{following.content}",
        "ticked": item.ticked or following.ticked,
    }
    change(scope, review, {item.start: merged}, undo=f'merging into "{item.name}"')
    review.generation += 1
    select(review, item.start, following.end)


def reset(scope: Scope, review: Review, item: Item) -> None:
    """Take a proposal as it was found again; a merged one is parted."""
    fields = {"end": None, "name": None, "description": None, "tags": None, "content": None}
    change(scope, review, {item.start: fields}, undo=f'resetting "{item.name}"')
    review.generation += 1
    found = next((one for one in review.proposals() if one.start == item.start), None)
    if found is not None:
        select(review, found.start, found.end)


def undo(scope: Scope, review: Review) -> None:
    """Take the last act back."""
    if not review.done:
        return
    last = review.done.pop()
    _store(scope, review, last.before)
    review.generation += 1
    if review.chosen and all(item.start != review.chosen[0] for item in review.items()):
        close(review)


def change(
    scope: Scope,
    review: Review,
    fields: Mapping[int, Mapping[str, Any]],
    *,
    undo: str = "",
) -> None:
    """Change the choices of some proposals; `undo` names the act where it can be taken back."""
    before = {start: review.choice(start) for start in fields}
    try:
        after = {
            start: Choice.model_validate({**before[start].model_dump(), **changed})
            for start, changed in fields.items()
        }
    except ValidationError as error:
        review.error = as_problem(error)
        return
    if _store(scope, review, after) and undo and after:
        review.done = [*review.done, Undo(undo, before)][-MAX_UNDO:]


def _store(scope: Scope, review: Review, choices: Mapping[int, Choice]) -> bool:
    review.error = None
    for start in choices:
        review.refused.pop(start, None)
    try:
        bridge.run(keep_choices(scope, review.source, choices))
    except PromptHubError as error:
        review.error = error
        return False
    review.choices.update(choices)
    return True
