"""Own the filters and tests that a template may name, as the renderer registers them."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context
from jinja2.tests import TESTS as _JINJA_TESTS

from core.errors import TemplateInvalid
from core.templates.budget import BYTES_PER_ELEMENT, Budget, is_sized
from core.templates.operations import (
    BAD_VALUE_ERRORS,
    JINJA_FILTERS,
    OPERATIONS,
    Operation,
    join,
    storable,
)
from core.values.fields import name_type

_TESTS_OF_JINJA: Final = cast("Mapping[str, Operation]", _JINJA_TESTS)
# jinja2's own, registered under a name with this prefix, which no template can spell.
PREFIX: Final = "jinja2 "
# These look at no more than one element, or hand on what they are given.
_CHEAP_FILTERS: Final = ("abs", "count", "d", "default", "length")
# These return the elements they are given, chosen, sorted, grouped or mapped by another filter.
_LIST_FILTERS: Final = (
    "dictsort",
    "groupby",
    "items",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "select",
    "selectattr",
    "sort",
    "unique",
)
_CHEAP_TESTS: Final = (
    "boolean",
    "defined",
    "false",
    "float",
    "integer",
    "iterable",
    "mapping",
    "none",
    "number",
    "sequence",
    "string",
    "true",
    "undefined",
)
_COMPARING_TESTS: Final = (
    *("!=", "<", "<=", "==", ">", ">=", "eq", "equalto", "ge", "greaterthan", "gt", "in"),
    *("le", "lessthan", "lt", "ne"),
)


def budget_of(context: Context) -> Budget:
    """Return the budget of the render that the context belongs to."""
    return cast("Any", context).budget


def guarded(name: str, operation: Operation) -> Operation:
    """Return the operation with Python's complaints about its values in words for people."""

    def call(subject: Any, *args: Any, **options: Any) -> Any:
        try:
            return operation(subject, *args, **options)
        except BAD_VALUE_ERRORS:
            value = args[0] if isinstance(subject, Context) and args else subject
            # Operators are called by a phrase, filters by the word that stands in the template.
            shown = name if " " in name else f"`{name}`"
            raise TemplateInvalid(
                f"{shown} does not work in this way on this value ({name_type(value)}).",
                remedy="Check the kind of the value and the arguments.",
            ) from None

    return call


def bounded(name: str, operation: Operation) -> Operation:
    """Return `operation(budget, value, ...)` as a filter that pays for looking at its values.

    Lazy results become lists, so that only plain data travels on.
    """

    def call(context: Context, value: Any, *args: Any, **options: Any) -> Any:
        budget = budget_of(context)
        budget.scan(value, *args, *options.values())
        return _listed(operation(budget, value, *args, **options))

    return pass_context(guarded(name, call))


def _original(name: str) -> Operation:
    def call(context: Context, value: Any, *args: Any, **options: Any) -> Any:
        budget = budget_of(context)
        budget.scan(value, *args, *options.values())
        if is_sized(value):
            budget.create(BYTES_PER_ELEMENT * len(value))
        return _listed(
            context.environment.call_filter(PREFIX + name, value, args, options, context=context)
        )

    return pass_context(guarded(name, call))


def _comparing(name: str) -> Operation:
    def call(context: Context, value: Any, other: Any) -> Any:
        budget_of(context).scan(value, other)
        return _TESTS_OF_JINJA[name](value, other)

    return pass_context(guarded(name, call))


def _listed(result: Any) -> Any:
    return list(cast("Iterator[Any]", result)) if isinstance(result, Iterator) else result


def _first(value: Any) -> Any:
    return next(iter(value), Undefined(hint="The list is empty."))


def _last(value: Any) -> Any:
    return next(iter(reversed(value)), Undefined(hint="The list is empty."))


def _pick(context: Context, value: Any, attribute: str | int | None) -> Any:
    if attribute is None:
        return value
    return context.environment.call_filter(
        "map", value, kwargs={"attribute": attribute}, context=context
    )


def _join(context: Context, value: Any, d: Any = "", attribute: str | None = None) -> str:
    return join(budget_of(context), _pick(context, value, attribute), d)


def _sum(context: Context, value: Any, attribute: str | None = None, start: float = 0) -> Any:
    items = _pick(context, value, attribute)
    budget_of(context).scan(items)
    budget_of(context).create(BYTES_PER_ELEMENT * len(items))
    if not all(isinstance(item, (int, float)) for item in (start, *items)):
        raise TypeError
    return storable(sum(items, start))


def _is_divisible(value: Any, by: Any) -> bool:
    # On text `%` would format: `"%999999999d" is even` builds a gigabyte.
    if not isinstance(value, (int, float, Undefined)) or not isinstance(by, (int, float)):
        raise TypeError
    return value % by == 0


def _is_even(value: Any) -> bool:
    return _is_divisible(value, 2)


def _is_odd(value: Any) -> bool:
    return not _is_divisible(value, 2)


FILTERS: Final[dict[str, Operation]] = {
    **{name: guarded(name, JINJA_FILTERS[name]) for name in _CHEAP_FILTERS},
    **{name: _original(name) for name in _LIST_FILTERS},
    **{name: bounded(name, operation) for name, operation in OPERATIONS.items()},
    "first": guarded("first", _first),
    "last": guarded("last", _last),
    "join": pass_context(guarded("join", _join)),
    "sum": pass_context(guarded("sum", _sum)),
}
ORIGINALS: Final[dict[str, Operation]] = {
    PREFIX + name: JINJA_FILTERS[name] for name in _LIST_FILTERS
}
TESTS: Final[dict[str, Operation]] = {
    **{name: guarded(name, _TESTS_OF_JINJA[name]) for name in _CHEAP_TESTS},
    **{name: _comparing(name) for name in _COMPARING_TESTS},
    "divisibleby": guarded("divisibleby", _is_divisible),
    "even": guarded("even", _is_even),
    "odd": guarded("odd", _is_odd),
}
