"""Own the operations on text, numbers and lists whose result may be far larger than their input.

Each takes the budget of its render first and pays for the result before making it; Python's own
errors (`BAD_VALUE_ERRORS`) mean that it was given values of the wrong kind.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, cast

from jinja2.filters import FILTERS
from markupsafe import escape

from core.errors import TemplateInvalid
from core.templates.budget import BYTES_PER_ELEMENT, Budget
from core.values.fields import is_storable_number

Operation = Callable[..., Any]

JINJA_FILTERS: Final = cast("Mapping[str, Operation]", FILTERS)

BAD_VALUE_ERRORS: Final = (
    TypeError,
    ValueError,
    ArithmeticError,
    LookupError,
    AssertionError,
    AttributeError,
    RecursionError,
)
_MAX_TITLE_CHARACTERS: Final = 64 * 1024
_MAX_PLACES: Final = 15
_MAX_JSON_INDENT: Final = 16
# Source: jinja2 3.1 policies, `truncate.leeway`.
_TRUNCATE_LEEWAY: Final = 5
# Worst growth of one character: `&` -> `&amp;`, a 4-byte character -> `%F0%9F%98%80`, a control
# character -> `\u0001`.
_ESCAPED_BYTES: Final = 5
_QUOTED_BYTES: Final = 12
_JSON_BYTES: Final = 6
_WORD = re.compile(r"\w+")
# Three digits of width and two of precision are plenty and keep the result small.
_CONVERSION = re.compile(r"%(?:%|[-+ 0#]{0,5}(\d{0,3})(?:\.(\d{1,2}))?[sdifeEgGxXo])")


def as_text(budget: Budget, value: Any) -> str:
    """Return the printed form of a value."""
    if isinstance(value, str):
        return value
    budget.create(budget.scan(value))
    return str(value)


def storable(number: Any) -> Any:
    """Return the number when it is finite and fits 64 bits.

    Raises:
        TemplateInvalid: it does not.
    """
    if isinstance(number, complex) or not is_storable_number(number):
        raise TemplateInvalid(
            "A number is not finite or needs more than 64 bits.",
            remedy="Calculate with smaller numbers.",
        )
    return number


def replace(budget: Budget, value: Any, old: Any, new: Any, count: int | None = None) -> str:
    """Replace the first `count` occurrences, or all."""
    text, old, new = (as_text(budget, part) for part in (value, old, new))
    times = text.count(old)
    if count is not None and count >= 0:
        times = min(times, count)
    budget.create(len(text) + times * len(new))
    return text.replace(old, new, times)


def join(budget: Budget, value: Any, d: Any = "") -> str:
    """Join the printed items."""
    glue = as_text(budget, d)
    budget.create(budget.scan(value) + (len(glue) + BYTES_PER_ELEMENT) * len(value))
    return glue.join(str(item) for item in value)


def split(budget: Budget, value: str, sep: str | None = None, maxsplit: int = -1) -> list[str]:
    """Split at a separator or at white space."""
    pieces = (len(value) // 2 if sep is None else value.count(sep)) + 1
    budget.create(len(value) + BYTES_PER_ELEMENT * pieces)
    return value.split(sep, maxsplit)


def split_lines(budget: Budget, value: str) -> list[str]:
    """Split into lines."""
    budget.create(len(value) * 2)
    return value.splitlines()


def list_range(budget: Budget, *bounds: int) -> list[int]:
    """List the numbers of a range."""
    numbers = range(*bounds)
    budget.create(BYTES_PER_ELEMENT * len(numbers))
    budget.step(len(numbers) // BYTES_PER_ELEMENT)
    return list(numbers)


def _center(budget: Budget, value: Any, width: int = 80) -> str:
    text = as_text(budget, value)
    budget.create(max(width, len(text)))
    return text.center(width)


def _indent(budget: Budget, value: Any, width: int | str = 4, *flags: bool, **named: bool) -> Any:
    text = as_text(budget, value)
    step = len(width) if isinstance(width, str) else width
    budget.create(len(text) + step * (len(text.splitlines()) + 1))
    return JINJA_FILTERS["indent"](text, width, *flags, **named)


def _truncate(
    budget: Budget,
    value: Any,
    length: int = 255,
    killwords: bool = False,  # noqa: FBT002 -- jinja2's signature
    end: str = "...",
    leeway: int = _TRUNCATE_LEEWAY,
) -> str:
    text = as_text(budget, value)
    budget.create(min(len(text), max(length, 0)) + len(end))
    return JINJA_FILTERS["truncate"](None, text, length, killwords, end, leeway)


def _title(budget: Budget, value: Any) -> str:
    text = as_text(budget, value)
    if len(text) > _MAX_TITLE_CHARACTERS:
        raise ValueError
    budget.create(len(text))
    return JINJA_FILTERS["title"](text)


def _capitalize(budget: Budget, value: Any) -> str:
    return _lower(budget, value).capitalize()


def _lower(budget: Budget, value: Any) -> str:
    text = as_text(budget, value)
    budget.create(len(text))
    return text.lower()


def _upper(budget: Budget, value: Any) -> str:
    text = as_text(budget, value)
    budget.create(len(text))
    return text.upper()


def _trim(budget: Budget, value: Any, chars: str | None = None) -> str:
    text = as_text(budget, value)
    budget.create(len(text))
    return text.strip(chars)


def _escape(budget: Budget, value: Any) -> str:
    text = as_text(budget, value)
    budget.create(_ESCAPED_BYTES * len(text))
    # Joined to be plain text again: Markup would change what operators do with it.
    return "".join(escape(text))


def _urlencode(budget: Budget, value: Any) -> str:
    budget.create(_QUOTED_BYTES * budget.scan(value))
    return JINJA_FILTERS["urlencode"](value)


def _wordcount(budget: Budget, value: Any) -> int:
    text = as_text(budget, value)
    budget.step(len(text) // 4)
    return sum(1 for _ in _WORD.finditer(text))


def _tojson(budget: Budget, value: Any, indent: int | None = None) -> str:
    # Unlike jinja2's, this keeps `<`, quotes, accents and the order of keys: it is read by models.
    if indent is not None and not 0 <= indent <= _MAX_JSON_INDENT:
        raise ValueError
    budget.create((_JSON_BYTES + (indent or 0)) * budget.scan(value))
    return json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)


def _format(budget: Budget, value: Any, *args: Any) -> str:
    template = as_text(budget, value)
    if "%" in _CONVERSION.sub("", template):
        raise ValueError
    width = sum(
        int(match.group(1) or 0) + int(match.group(2) or 0)
        for match in _CONVERSION.finditer(template)
    )
    # A float prints as up to 309 digits before its point.
    budget.create(len(template) + width + budget.scan(*args) + 310 * len(args))
    return template % args


def _int(_: Budget, value: Any, default: int = 0, base: int = 10) -> int:
    return storable(JINJA_FILTERS["int"](value, default, base))


def _float(_: Budget, value: Any, default: float = 0.0) -> float:
    number = JINJA_FILTERS["float"](value, default)
    return number if math.isfinite(number) else default


def _round(_: Budget, value: Any, precision: int = 0, method: str = "common") -> float:
    # `"a" | round(9, "ceil")` would repeat the text.
    if abs(precision) > _MAX_PLACES or not isinstance(value, (int, float)):
        raise ValueError
    return storable(JINJA_FILTERS["round"](value, precision, method))


def _batch(budget: Budget, value: Any, linecount: int, fill_with: Any = None) -> Any:
    budget.create(BYTES_PER_ELEMENT * (len(value) + linecount))
    return JINJA_FILTERS["batch"](value, linecount, fill_with)


def _list(budget: Budget, value: Any) -> list[Any]:
    budget.create(BYTES_PER_ELEMENT * len(value))
    return list(value)


def _reverse(budget: Budget, value: Any) -> Any:
    budget.create(BYTES_PER_ELEMENT * len(value))
    return value[::-1] if isinstance(value, str) else list(reversed(value))


# Filters of these names; the arguments are those of jinja2.
OPERATIONS: Final[Mapping[str, Operation]] = MappingProxyType(
    {
        "batch": _batch,
        "capitalize": _capitalize,
        "center": _center,
        "e": _escape,
        "escape": _escape,
        "float": _float,
        "format": _format,
        "indent": _indent,
        "int": _int,
        "list": _list,
        "lower": _lower,
        "replace": replace,
        "reverse": _reverse,
        "round": _round,
        "string": as_text,
        "title": _title,
        "tojson": _tojson,
        "trim": _trim,
        "truncate": _truncate,
        "upper": _upper,
        "urlencode": _urlencode,
        "wordcount": _wordcount,
    }
)
