"""Own reading a pasted table of inputs: a header with the names of variables, a row per input."""

import csv
from collections.abc import Sequence
from typing import Any, Final

from core.errors import Invalid
from core.execution.comparisons import MAX_INPUTS
from core.values.fields import RequiredField
from streamlit_app.components.desk.field_rows import read_value
from streamlit_app.formats import counted

_DELIMITERS: Final = "\t;,"
# Longer than any variable may be, so that the csv module does not refuse what a prompt takes.
csv.field_size_limit(2**24)


def read_table(text: str, fields: Sequence[RequiredField]) -> list[dict[str, Any]]:
    """Return the values of each row; empty cells are left out, blank rows skipped.

    Columns are divided by commas, semicolons or tabs, whichever the header has most of.

    Raises:
        Invalid: the header names what is no variable or leaves a needed one out, or a cell cannot
            be read as its variable.
    """
    lines = text.strip("\ufeff\r\n").splitlines(keepends=True)
    if not lines:
        return []
    delimiter = max(_DELIMITERS, key=lines[0].count)
    head, *rows = csv.reader(lines, delimiter=delimiter)
    names = [name.strip() for name in head]
    by_name = {field.name: field for field in fields}
    _check_header(names, by_name)
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    if len(filled) > MAX_INPUTS:
        raise Invalid(
            f"The table has {len(filled)} inputs, a comparison takes {MAX_INPUTS}.",
            field="inputs",
            remedy="Leave some out.",
        )
    return [_read_row(number, names, row, by_name) for number, row in enumerate(filled, start=1)]


def _check_header(names: Sequence[str], by_name: dict[str, RequiredField]) -> None:
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise Invalid(
            f"The first row names {', '.join(unknown)}, which the prompt does not have.",
            field="inputs",
            remedy=f"Name its variables there: {', '.join(by_name)}.",
        )
    if len(set(names)) < len(names):
        raise Invalid("The first row names a variable twice.", field="inputs")
    missing = [
        name
        for name, field in by_name.items()
        if field.required and field.default is None and name not in names
    ]
    if missing:
        raise Invalid(
            f"The first row leaves out {', '.join(missing)}.",
            field="inputs",
            remedy=f"Add a column for {'it' if len(missing) == 1 else 'each'}.",
        )


def _read_row(
    number: int, names: Sequence[str], cells: Sequence[str], by_name: dict[str, RequiredField]
) -> dict[str, Any]:
    if len(cells) > len(names):
        raise Invalid(
            f"Row {number} has {counted(len(cells), 'cell')}, the first row {len(names)}.",
            field="inputs",
            remedy="Put texts with commas or line breaks into double quotes.",
        )
    values: dict[str, Any] = {}
    for name, cell in zip(names, cells, strict=False):
        field = by_name[name]
        typed = cell.strip().lower() if field.type == "boolean" else cell
        try:
            value = read_value(field.type, typed, name=name)
        except Invalid as error:
            raise Invalid(f"Row {number}: {error.message}", field="inputs") from None
        if value is not None:
            values[name] = value
    return values
