"""Own how rows become CSV that a spreadsheet opens without running anything in it."""

import csv
import io
from collections.abc import Iterable
from typing import Any, Final

# The mark at the beginning makes spreadsheets read it as UTF-8.
MARK: Final = "\ufeff"
# A spreadsheet takes a cell that begins so for a formula, also behind spaces.
# Source: OWASP, "CSV Injection".
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def to_csv(rows: Iterable[list[Any]]) -> bytes:
    """Write a whole file of rows."""
    return f"{MARK}{csv_lines(rows)}".encode()


def csv_lines(rows: Iterable[list[Any]]) -> str:
    """Write rows, without the mark that a file begins with."""
    text = io.StringIO()
    csv.writer(text).writerows([_safe(cell) for cell in row] for row in rows)
    return text.getvalue()


def _safe(cell: Any) -> Any:
    is_formula = isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA)
    return f"'{cell}" if is_formula else cell
