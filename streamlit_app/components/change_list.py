"""Own how the differences of two versions are told in words."""

import difflib
from collections.abc import Sequence

import streamlit as st

from core.prompts.diff import Area, Change, suggest_bump
from streamlit_app.formats import counted, plain

_ROWS: tuple[tuple[str, str, tuple[Area, ...]], ...] = (
    ("data_object", "Variables", ("fields",)),
    ("notes", "Text", ("content", "system_prompt", "metaprompt")),
    ("smart_toy", "Model", ("model",)),
    ("tune", "Parameters", ("params",)),
    ("shield", "Checks", ("guardrails",)),
    ("account_tree", "Made of", ("dependencies",)),
)
_TEXT_NAMES = {"content": "", "system_prompt": "system: ", "metaprompt": "metaprompt: "}
_LONG = 60
# As the editor names them, where they are set.
_CHECKS = {
    "pre validation enabled": "Check what is sent",
    "pre validation threshold": "Block above",
    "pre validation validators": "Look for",
    "post validation enabled": "Check the answer",
    "post validation prohibited terms": "It may not hold",
    "post validation required elements": "It must hold",
    "post validation format schema": "It must be JSON of this schema",
    "post validation verification": "Let a model judge it",
    "post validation verification model": "Judge",
    "post validation verification rubric": "The answer is good when",
    "post validation verification sources variable": "Sources it must be supported by",
    "post validation verification on failure": "When it can't judge",
}
_SWITCHED = {"true": "on", "false": "off"}


def change_rows(changes: Sequence[Change], *, suggested: str = "") -> None:
    """Draw one row for each area that changed, then the number suggested for the result."""
    for icon, title, areas in _ROWS:
        own = [change for change in changes if change.area in areas]
        if own:
            _row(icon, title, _in_words(own))
    if suggested:
        _row("arrow_upward", "Suggested", f"**{suggested}**, {why_bump(changes)}")


def _row(icon: str, title: str, words: str) -> None:
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        st.markdown(f":small[:gray[:material/{icon}: {title}]]", width=130)
        # A container shrinks beside the name where a text of its own would go below it.
        with st.container(width="stretch"):
            st.markdown(f":small[{words}]" if ":small" not in words else words)


def _in_words(changes: Sequence[Change]) -> str:
    separator = " " if changes[0].area == "fields" else " · "
    return separator.join(say_change(change) for change in changes)


def say_change(change: Change) -> str:
    """Return one difference as markdown, short enough for a line."""
    match change.area:
        case "fields":
            return _field_badge(change)
        case "content" | "system_prompt" | "metaprompt":
            return _TEXT_NAMES[change.area] + say_lines(change.before, change.after)
        case "model":
            return (
                f"{plain(change.before or 'inherited')} → **{plain(change.after or 'inherited')}**"
            )
        case "guardrails":
            name = _name_of(change)
            before, after = (_SWITCHED.get(one, one) for one in (change.before, change.after))
            return f"{plain(_CHECKS.get(name, name))}: {_value(before)} → **{_value(after)}**"
        case "params" | "dependencies":
            before, after = _value(change.before), _value(change.after)
            return f"{plain(_name_of(change))} {before} → **{after}**"


def _name_of(change: Change) -> str:
    return change.what.rsplit(" ", 1)[0]


def _value(text: str) -> str:
    return plain(text if len(text) <= _LONG else f"{text[:_LONG]}…") or "not set"


def _field_badge(change: Change) -> str:
    if change.what.endswith(" removed"):
        return f":red-badge[- {plain(change.what.removesuffix(' removed'))}]"
    if change.what.endswith(" added"):
        colour = "orange" if change.breaks_callers else "green"
        return f":{colour}-badge[+ {plain(change.what.removesuffix(' added'))}]"
    colour = "orange" if change.breaks_callers else "blue"
    return f":{colour}-badge[{plain(change.what)}]"


def say_lines(before: str, after: str) -> str:
    """Return how many lines differ: 3 lines changed, 2 added."""
    changed = added = removed = 0
    matcher = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        old, new = old_end - old_start, new_end - new_start
        if tag == "equal":
            continue
        changed += min(old, new)
        added += max(new - old, 0)
        removed += max(old - new, 0)
    parts = [
        f"{counted(number, 'line') if first else number} {word}"
        for first, (number, word) in _flag_first(
            [(changed, "changed"), (added, "added"), (removed, "removed")]
        )
    ]
    return ", ".join(parts) or "only white space"


def _flag_first(pairs: list[tuple[int, str]]) -> list[tuple[bool, tuple[int, str]]]:
    return [(index == 0, pair) for index, pair in enumerate(pair for pair in pairs if pair[0])]


def why_bump(changes: Sequence[Change]) -> str:
    """Return the reason for the suggested step, e.g. "callers that don't send `topic` break"."""
    breaking = next((change for change in changes if change.breaks_callers), None)
    if breaking is not None:
        return why_breaks(breaking).removeprefix(": ")
    if suggest_bump(list(changes)) == "patch":
        return "only the text changed"
    return "callers can go on as they do"


def why_breaks(change: Change) -> str:
    """Return why a caller of the old version fails, "" where none does."""
    if not change.breaks_callers:
        return ""
    if change.area != "fields":
        return ": callers must send a variable that isn't declared"
    name = change.what.split(" ", 1)[0]
    if change.what.endswith(" removed"):
        return f": callers that send `{name}` are refused"
    if change.what.endswith(" added"):
        return f": callers that don't send `{name}` are refused"
    return f": callers that send `{name}` as before are refused"
