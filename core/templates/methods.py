"""Own the methods that templates may call on texts, lists, objects and the loop.

They are called by name from these tables: no bound method of Python ever reaches a template.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context, LoopContext

from core.errors import TemplateInvalid
from core.templates.budget import Budget
from core.templates.filters import bounded
from core.templates.operations import Operation, join, replace, split, split_lines
from core.values.fields import name_type


def _making(name: str) -> Operation:
    def call(budget: Budget, value: str, *args: Any) -> str:
        budget.create(len(value))
        return getattr(value, name)(*args)

    return call


def _asking(name: str) -> Operation:
    def call(_: Budget, value: Any, *args: Any) -> Any:
        return getattr(value, name)(*args)

    return call


def _listing(name: str) -> Operation:
    def call(_: Budget, value: dict[str, Any]) -> list[Any]:
        return list(getattr(value, name)())

    return call


def _join(budget: Budget, value: str, items: Any) -> str:
    return join(budget, items, value)


_MAKING_TEXT = (
    *("upper", "lower", "title", "capitalize", "strip", "lstrip", "rstrip"),
    *("removeprefix", "removesuffix"),
)
_ASKING_TEXT = (
    *("startswith", "endswith", "find", "count", "isdigit", "isalpha"),
    *("isalnum", "isspace", "isupper", "islower", "isnumeric"),
)
_OF_TEXT: Final[Mapping[str, Operation]] = MappingProxyType(
    {
        **{name: _making(name) for name in _MAKING_TEXT},
        **{name: _asking(name) for name in _ASKING_TEXT},
        "replace": replace,
        "split": split,
        "splitlines": split_lines,
        "join": _join,
    }
)
_OF_LISTS: Final[Mapping[str, Operation]] = MappingProxyType(
    {name: _asking(name) for name in ("count", "index")}
)
_OF_OBJECTS: Final[Mapping[str, Operation]] = MappingProxyType(
    {
        "get": _asking("get"),
        **{name: _listing(name) for name in ("items", "keys", "values")},
    }
)
_OF_LOOPS: Final[Mapping[str, Operation]] = MappingProxyType(
    {name: _asking(name) for name in ("cycle", "changed")}
)
LOOP_METHODS: Final = frozenset(_OF_LOOPS)
METHODS: Final = frozenset((*_OF_TEXT, *_OF_LISTS, *_OF_OBJECTS))
_NONE: Final[Mapping[str, Operation]] = MappingProxyType({})
_BY_KIND: Final[tuple[tuple[type, Mapping[str, Operation]], ...]] = (
    (str, _OF_TEXT),
    (list, _OF_LISTS),
    (tuple, _OF_LISTS),
    (dict, _OF_OBJECTS),
    (LoopContext, _OF_LOOPS),
)


@pass_context
def call_method(context: Context, value: Any, name: str, *args: Any, **options: Any) -> Any:
    """Call a method of the tables on a plain value.

    Raises:
        TemplateInvalid: values of this kind have no such method, or it cannot be called so.
    """
    if isinstance(value, Undefined):
        str(value)  # raises, naming the variable, unless it is an optional field
        return value
    methods = _methods_of(value)
    if name in methods:
        return bounded(f".{name}()", methods[name])(context, value, *args, **options)
    raise TemplateInvalid(
        f"`.{name}()` does not exist on this value ({name_type(value)}).",
        remedy="Check the kind of the value.",
    )


def _methods_of(value: object) -> Mapping[str, Operation]:
    kind: type = type(value)
    return next((methods for known, methods in _BY_KIND if issubclass(kind, known)), _NONE)
