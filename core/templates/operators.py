"""Own what the syntax of templates does to values: operators, lookups, loops, printing.

The rewritten tree calls these as filters under the names of `INTERNAL`, which no template can
spell.
"""

import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from jinja2 import pass_context
from jinja2.runtime import Context, Undefined

from core.errors import TemplateInvalid
from core.templates.budget import BYTES_PER_ELEMENT, Budget, is_sequence, is_sized
from core.templates.filters import bounded, budget_of, guarded
from core.templates.methods import call_method
from core.templates.operations import Operation, as_text, join, list_range, storable
from core.templates.undefined import find_in
from core.values.fields import name_type

_MAX_EXPONENT: Final = 64
_ARITHMETIC: Final[Mapping[str, str]] = MappingProxyType(
    {
        "+": "add",
        "-": "sub",
        "*": "mul",
        "/": "truediv",
        "//": "floordiv",
        "%": "mod",
        "**": "pow",
    }
)
BINARY_OPERATORS: Final = frozenset(_ARITHMETIC)
_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = MappingProxyType(
    {
        "eq": operator.eq,
        "ne": operator.ne,
        "gt": operator.gt,
        "gteq": operator.ge,
        "lt": operator.lt,
        "lteq": operator.le,
        "in": lambda item, container: item in container,
        "notin": lambda item, container: item not in container,
    }
)


class Printed(str):
    """Text that an expression printed, and the variable it came from."""

    __slots__ = ("variable",)

    variable: str | None

    def __str__(self) -> str:
        """Return itself, for the generated code calls `str` on everything it prints."""
        return self


def calculate(budget: Budget, sign: str, left: Any, right: Any) -> Any:
    """Apply an arithmetic operator to numbers, join or repeat texts and lists.

    Raises:
        TemplateInvalid: the values do not go together or the result is too large.
    """
    try:
        if isinstance(left, (int, float)) and isinstance(right, (int, float)):
            if sign == "**" and abs(right) > _MAX_EXPONENT and abs(left) not in {0, 1}:
                raise OverflowError
            return storable(getattr(operator, _ARITHMETIC[sign])(left, right))
        return _combine(budget, sign, left, right)
    except (TypeError, ArithmeticError):
        raise TemplateInvalid(
            f"`{sign}` does not work on these values ({name_type(left)}, {name_type(right)}).",
            remedy="Check the kinds of the values; use ~ to join texts.",
        ) from None


def _combine(budget: Budget, sign: str, left: Any, right: Any) -> Any:
    for value in (left, right):
        if isinstance(value, Undefined):
            return getattr(operator, _ARITHMETIC[sign])(left, right)  # raises, naming the variable
    if sign == "+" and type(left) is type(right) and is_sequence(left):
        budget.create(_room(left) + _room(right))
        return left + right
    if sign == "*" and isinstance(left, int):
        left, right = right, left
    if sign == "*" and is_sequence(left) and isinstance(right, int):
        budget.create(_room(left) * max(right, 0))
        return left * right
    raise TypeError


def _room(sequence: Any) -> int:
    return len(sequence) * (1 if isinstance(sequence, str) else BYTES_PER_ELEMENT)


def negate(sign: str, value: Any) -> Any:
    """Apply a sign to a number.

    Raises:
        TemplateInvalid: the value is no number.
    """
    if not isinstance(value, (int, float, Undefined)):
        raise TemplateInvalid(
            f"`{sign}` does not work on {name_type(value)}.", remedy="Use it on numbers."
        )
    return -value if sign == "-" else +value  # undefined values raise, naming the variable


def _compare(_: Budget, left: Any, *rest: Any) -> bool:
    for name, right in zip(rest[::2], rest[1::2], strict=True):
        if not _COMPARISONS[name](left, right):
            return False
        left = right
    return True


def _concatenate(budget: Budget, *values: Any) -> str:
    return join(budget, list(values))


def _slice(budget: Budget, value: Any, start: Any, stop: Any, step: Any) -> Any:
    if not is_sequence(value):
        raise TypeError
    part = slice(start, stop, step)
    budget.create(len(range(*part.indices(len(value)))) * (_room(value[:1])))
    return value[part]


@pass_context
def _get(context: Context, value: Any, key: Any, path: str) -> Any:
    budget_of(context).step(1)
    return find_in(value, key, path)


@pass_context
def _loop_over(context: Context, value: Any, body_steps: int) -> Any:
    """Pay for all passes at once: no tag leaves a loop early."""
    if isinstance(value, Undefined):
        return list(value)
    if not is_sized(value):
        raise TemplateInvalid(
            f"A for loop needs a list; this is {name_type(value)}.",
            remedy="Give an array, or use range().",
        )
    budget_of(context).iterate(len(value), body_steps=body_steps)
    return value


def _print(context: Context, value: Any, variable: str | None) -> Printed:
    budget = budget_of(context)
    text = as_text(budget, value)
    budget.create(len(text))
    printed = Printed(text)
    printed.variable = variable
    return printed


LOOP_ATTRIBUTES: Final = frozenset(
    (
        *("index", "index0", "first", "last", "length", "revindex", "revindex0"),
        *("previtem", "nextitem", "depth", "depth0"),
    )
)
COMPARE: Final = "A comparison"
CONCATENATE: Final = "~"
SLICE: Final = "A slice"
RANGE: Final = "range()"
GET: Final = "a lookup"
LOOP_OVER: Final = "a loop"
PRINT: Final = "printing"
CALL_METHOD: Final = "a method"
INTERNAL: Final[Mapping[str, Operation]] = MappingProxyType(
    {
        COMPARE: bounded(COMPARE, _compare),
        CONCATENATE: bounded(CONCATENATE, _concatenate),
        SLICE: bounded(SLICE, _slice),
        RANGE: bounded(RANGE, list_range),
        GET: _get,
        LOOP_OVER: _loop_over,
        PRINT: pass_context(guarded(PRINT, _print)),
        CALL_METHOD: call_method,
    }
)
