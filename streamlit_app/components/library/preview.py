"""Own the preview of an import: what would become of each prompt of the file."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import pandas as pd
import streamlit as st

from core.errors import Invalid
from core.transfer import Item, Report
from prompthub.wire.transfer import ImportOutcome
from streamlit_app.formats import counted, plain

PROBLEMS_SHOWN: Final = 5
ROWS_SHOWN, ROW_HEIGHT, HEADER_HEIGHT = 7, 36, 38
# In the order in which they matter to somebody who looks the file over.
_WORDS: Final[dict[ImportOutcome, tuple[str, str]]] = {
    "refused": ("Refused", "red"),
    "changed": ("New version", "blue"),
    "created": ("New", "green"),
    "unchanged": ("Unchanged", "gray"),
}
# Members of a prompt whose name differs from what people call them.
_MEMBERS: Final = {"default_model": "default model", "is_active": "state", "current_version": ""}


def show_preview(report: Report, names: Callable[[Item], str], left_out: Sequence[Invalid]) -> None:
    """Draw how many prompts would become what, what is wrong, and the table of all."""
    st.markdown(counts(report, left_out))
    if problems := problems_of(report, names, left_out):
        more = len(problems) - PROBLEMS_SHOWN
        lines = [f"- {line}" for line in problems[:PROBLEMS_SHOWN]]
        lines += [f"- and {more:,} more"] if more > 0 else []
        st.markdown("\n".join(lines))
    if report.items:
        table(report, names)


def counts(report: Report, left_out: Sequence[Invalid]) -> str:
    """Return the line of counts."""
    parts = [
        f"{report.count('created'):,} new",
        f"{report.count('changed'):,} with a new version",
        f"{report.count('unchanged'):,} unchanged",
    ]
    refused = report.count("refused") + len(left_out)
    if refused:
        parts.append(f":orange[:material/warning:] **{refused:,} can't be taken**")
    return " · ".join(part for part in parts if not part.startswith("0 ")) or "Nothing to import."


def problems_of(
    report: Report, names: Callable[[Item], str], left_out: Sequence[Invalid]
) -> list[str]:
    """Return what is wrong, with the place and what to do, as markdown."""
    found = [plain(f"{error.message} {error.remedy}".strip()) for error in left_out]
    for item in report.items:
        for why in item.problems:
            place = f"`{why.field}`: " if why.field else ""
            told = plain(f"{why.message} {why.remedy}".strip())
            found.append(f"**{plain(names(item))}** {place}{told}")
    return found


def table(report: Report, names: Callable[[Item], str]) -> None:
    """Draw what happens to each prompt, what needs a look first."""
    rank = {outcome: number for number, outcome in enumerate(_WORDS)}
    items = sorted(report.items, key=lambda item: (rank[item.outcome], item.position))
    rows = [
        {"Outcome": [_WORDS[item.outcome][0]], "Prompt": names(item), "What happens": happens(item)}
        for item in items
    ]
    config: dict[str, Any] = {
        "Outcome": st.column_config.MultiselectColumn(
            width=105,
            options=[word for word, _ in _WORDS.values()],
            color=[colour for _, colour in _WORDS.values()],
        ),
        "Prompt": st.column_config.TextColumn(width=210),
        "What happens": st.column_config.TextColumn(width=420),
    }
    st.dataframe(  # pyright: ignore[reportUnknownMemberType] - names types of polars
        pd.DataFrame(rows),
        hide_index=True,
        height=min(len(rows), ROWS_SHOWN) * ROW_HEIGHT + HEADER_HEIGHT,
        row_height=ROW_HEIGHT,
        alt=f"What becomes of {counted(len(rows), 'prompt')} of the file",
        column_config=config,
        key="import_preview_table",
    )


def happens(item: Item) -> str:
    """Return in words what one prompt would change here."""
    if item.problems:
        return "; ".join(f"{why.field}: {why.message}" for why in item.problems)
    parts: list[str] = []
    if item.versions_added:
        parts.append(f"adds {listed(item.versions_added)}")
    published = [one for one in item.versions_published if one not in item.versions_added]
    if published:
        parts.append(f"publishes {listed(published)}")
    if item.current_version:
        parts.append(f"serves {item.current_version}")
    parts += [f"moves {label} to {number}" for label, number in item.labels.items()]
    if item.kept:
        parts.append(f"keeps its own {kept_words(item.kept)} here")
    return "; ".join(parts) or "is here already"


def listed(numbers: Sequence[str]) -> str:
    """Return version numbers, the middle of many left out."""
    if len(numbers) <= 3:  # noqa: PLR2004  # what fits into a cell
        return ", ".join(numbers)
    return f"{counted(len(numbers), 'version')}, {numbers[0]} to {numbers[-1]}"


def kept_words(kept: Sequence[str]) -> str:
    """Return what stays as it is here, in words."""
    said = (
        f"label {name.removeprefix('labels.')}"
        if name.startswith("labels.")
        else _MEMBERS.get(name, name) or "served version"
        for name in kept
    )
    return ", ".join(said)
