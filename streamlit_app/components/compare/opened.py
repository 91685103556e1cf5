"""Own a comparison that is looked at: what there is of it, and what the address chooses of that."""

from dataclasses import dataclass
from typing import Final

import streamlit as st
from bson import ObjectId

from core.documents import Comparison
from core.execution.compare import Position
from core.execution.comparison_report import CellReport, ComparisonReport, report_on
from core.execution.comparisons import get_comparison
from core.values.scope import RANK, Scope
from streamlit_app import bridge
from streamlit_app.components.compare.answers import Answer, growing, stored
from streamlit_app.components.compare.blind import blind_order, letter, place_of, unrated
from streamlit_app.components.compare.live import LiveComparison
from streamlit_app.components.compare.naming import column_names, params_words, version_words

BLIND: Final = "blind"
INPUT: Final = "input"
REPETITION: Final = "repetition"
DIFFERENCES: Final = "differences"


@dataclass(frozen=True, slots=True)
class Opened:
    """A comparison as it was read, and what ran of it in this session before that.

    `runs` says whether answers were on their way then: what ends meanwhile is not in the report.
    """

    scope: Scope
    report: ComparisonReport
    live: LiveComparison | None = None
    runs: bool = False

    @property
    def comparison(self) -> Comparison:
        """The comparison itself."""
        return self.report.comparison

    @property
    def names(self) -> list[str]:
        """What the columns are called."""
        return column_names(self.comparison.columns)

    @property
    def can_edit(self) -> bool:
        """Whether the viewer may run, rate and change it."""
        role = self.scope.role_in(self.comparison.application_id) or "viewer"
        return RANK[role] >= RANK["editor"]

    @property
    def runs_elsewhere(self) -> bool:
        """Whether somebody else's answers are on their way."""
        return not self.runs and any(column.running for column in self.report.columns)

    @property
    def is_blind(self) -> bool:
        """Whether names and figures are hidden: asked for, and not all is rated yet."""
        return bool(st.session_state.get(BLIND)) and (
            self.runs or bool(unrated(self.scope, self.report))
        )

    @property
    def at(self) -> int:
        """The input that is shown, counted from 0."""
        return _page(_asked(INPUT), len(self.comparison.inputs))

    @property
    def repetition(self) -> int:
        """The repetition that is shown, counted from 0."""
        return _page(_asked(REPETITION), self.comparison.repetitions)

    @property
    def base(self) -> int | None:
        """The column that the others are told apart from, None where that is not asked for.

        The address has its number, or while names are hidden the letter of its place, which says
        nothing of its name.
        """
        asked, count = st.query_params.get(DIFFERENCES, ""), len(self.comparison.columns)
        if self.is_blind:
            place = place_of(asked)
            return None if place is None or place >= count else self.order()[place]
        is_one = asked.isdecimal() and 1 <= int(asked) <= count
        return int(asked) - 1 if is_one else None

    def order(self) -> list[int]:
        """Return the columns as they are shown."""
        columns = range(len(self.comparison.columns))
        return blind_order(self.scope, self.report, self.at) if self.is_blind else list(columns)

    def position(self, column: int) -> Position:
        """Return the cell of a column that is shown."""
        return Position(column, self.at, self.repetition)

    def title(self, column: int, answer: Answer) -> tuple[str, str]:
        """Return the name of a card, and what it says in small letters."""
        if self.is_blind:
            return letter(self.order().index(column)), ""
        told = self.comparison.columns[column]
        name = self.names[column]
        version = f"v{answer.version}" if answer.version else version_words(told.version)
        more = [version, params_words(told.model_params)]
        return name, " · ".join(word for word in more if word and word not in name)

    def answer(self, column: int) -> Answer:
        """Return what there is of the shown cell of a column."""
        position = self.position(column)
        heard = self.live.cells.get(position) if self.live else None
        if self.live and self.runs and position in self.live.expected:
            return growing(heard)
        cell = self.cell(position)
        return stored(self.scope, cell, heard, is_best=self.is_best(position))

    def cell(self, position: Position) -> CellReport | None:
        """Return what is stored of a cell."""
        cells = self.report.columns[position.column].cells
        return next((cell for cell in cells if cell.position == position), None)

    def is_best(self, position: Position) -> bool:
        """Whether the viewer picked this answer."""
        return any(
            one.user_id == self.scope.user_id
            and (one.column, one.input, one.repetition) == tuple(position)
            for one in self.comparison.picks
        )

    def missing(self, column: int) -> set[Position]:
        """Return the cells of a column that have no answer."""
        have = {
            cell.position
            for cell in self.report.columns[column].cells
            if cell.execution is not None and cell.execution.status in _KEPT
        }
        return {position for position in self.all_cells(column) if position not in have}

    def all_cells(self, column: int) -> list[Position]:
        """Return every cell of a column."""
        return [
            Position(column, at, repetition)
            for at in range(len(self.comparison.inputs))
            for repetition in range(self.comparison.repetitions)
        ]


_KEPT: Final = ("success", "running", "queued")


def _asked(key: str) -> int:
    """Return what the pages at the top show, counted from 1, also before they are drawn."""
    number = st.session_state.get(key, st.query_params.get(key, "1"))
    return int(number) if str(number).isdecimal() else 1


def _page(asked: int, count: int) -> int:
    return min(max(asked, 1), count) - 1


def load_report(scope: Scope, key: ObjectId) -> ComparisonReport:
    """Return a comparison with the words of the answers that the address shows.

    Raises:
        NotFound: there is none that the caller can see.
    """
    asked = _asked(INPUT), _asked(REPETITION)

    async def load() -> ComparisonReport:
        made = await get_comparison(scope, key)
        shown = (_page(asked[0], len(made.inputs)), _page(asked[1], made.repetitions))
        return await report_on(scope, made, words_of=shown)

    return bridge.run(load())


def asked_comparison() -> ObjectId | str | None:
    """Return the comparison that the address names, as text where it can be none."""
    text = st.query_params.get("comparison")
    return ObjectId(text) if text and ObjectId.is_valid(text) else text or None
