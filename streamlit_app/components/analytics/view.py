"""Own what the page looks at: the window, what is counted, and the way to the runs behind it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import streamlit as st

from core.accounts.directory import Survey
from core.analytics.answer import Answer
from core.analytics.question import DEFAULT_TOP, Filters, Group, Order, Part, Question
from core.documents import Application
from core.values.scope import Scope
from streamlit_app.charts.axis import Axis, Mark, link
from streamlit_app.charts.base import DARK, LIGHT, Look
from streamlit_app.navigation import page_path

# What a click may narrow the log by.
_NARROWS = frozenset({"from", "to", "by_model", "status", "version", "prompt", "application"})


class Around(NamedTuple):
    """The application that is looked at, None for all, and what there is besides."""

    application: Application | None
    survey: Survey


@dataclass(frozen=True, slots=True)
class View:
    """What is looked at. The window is the same for every part of the page.

    `answers` are those to the questions that the page asks at once, before it draws.
    """

    scope: Scope
    axis: Axis
    filters: Filters
    period: str
    around: Around
    published: Sequence[Mark] = ()
    answers: Mapping[Question, Answer] = field(default_factory=dict[Question, Answer])

    @property
    def look(self) -> Look:
        """Return the colours of the mode the viewer sees."""
        return DARK if st.context.theme.type == "dark" else LIGHT

    def over_time(
        self, parts: Collection[Part], *groups: Group, top: int = DEFAULT_TOP, order: Order = "runs"
    ) -> Question:
        """Return a question by bucket."""
        return Question(
            window=self.axis.window,
            filters=self.filters,
            group_by=groups,
            parts=frozenset(parts),
            order=order,
            top=top,
        )

    def in_all(
        self, parts: Collection[Part], *groups: Group, top: int = DEFAULT_TOP, order: Order = "runs"
    ) -> Question:
        """Return a question about the whole window."""
        whole = replace(self.axis.window, bucket=None, edges=(), labels=())
        asked = self.over_time(parts, *groups, top=top, order=order)
        return asked.model_copy(update={"window": whole})

    def whole_link(self, **filters: str) -> str:
        """Return the query by which the log shows the runs of the window that match."""
        return link(self.axis.window.start, self.axis.window.end, **filters)

    def log_query(self, narrowed: str) -> dict[str, str]:
        """Return the address of the log for what is looked at, narrowed by a clicked query."""
        counted = {
            "application": str(self.filters.application_id or ""),
            "prompt": self.filters.prompt_id or "",
            "by_model": self.filters.model or "",
        }
        found = counted | {k: v for k, v in parse_qsl(narrowed) if k in _NARROWS}
        return {name: value for name, value in found.items() if value}

    def open_log(self, narrowed: str) -> None:
        """Go to the log of what was clicked."""
        st.switch_page(page_path("executions"), query_params=self.log_query(narrowed))


def clicked(selection: Any) -> str | None:
    """Return the query behind the point that was clicked, None without one."""
    for point in selection["selection"]["points"]:
        found: object = point.get("customdata")
        if isinstance(found, list) and found:
            found = found[0]  # pyright: ignore[reportUnknownVariableType] - JSON from the browser
        if isinstance(found, str):
            return found
    return None
