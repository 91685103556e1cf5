"""Own which variables the texts use against which are declared."""

from typing import NamedTuple

from core.errors import Invalid
from core.templates.variables import find_variables
from streamlit_app.components.desk.field_rows import blank_row
from streamlit_app.components.desk.state import Desk
from streamlit_app.components.desk.working_copy import AREAS, WorkingCopy


class Mismatch(NamedTuple):
    """Names used but not declared, in order of use, and names declared but not used."""

    undeclared: list[str]
    unused: list[str]

    @property
    def total(self) -> int:
        """How many names do not fit."""
        return len(self.undeclared) + len(self.unused)


def find_mismatch(copy: WorkingCopy) -> Mismatch:
    """Compare the texts with the declared fields; nothing fits or not while a text is broken."""
    used: dict[str, None] = {}
    try:
        for area, _ in AREAS:
            used.update(dict.fromkeys(find_variables(copy.texts[area], field=area)))
    except Invalid:
        return Mismatch([], [])
    declared = [row["name"] for row in copy.fields if row["name"]]
    included = {part.include_name for part in copy.dependencies}
    return Mismatch(
        [name for name in used if name not in declared and name not in included],
        # What it is made of may use the field; only those texts can tell.
        [] if copy.dependencies else [name for name in declared if name not in used],
    )


def declare(desk: Desk, names: list[str]) -> None:
    """Add a field for each name; for callbacks of buttons."""
    desk.collect()
    declared = {row["name"] for row in desk.copy.fields}
    desk.copy.fields += [blank_row(name) for name in names if name not in declared]
    desk.renew_grid()


def undeclare(desk: Desk, name: str) -> None:
    """Remove the field of a name; for callbacks of buttons."""
    desk.collect()
    desk.copy.fields = [row for row in desk.copy.fields if row["name"] != name]
    desk.renew_grid()
