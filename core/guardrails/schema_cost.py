"""Own how much work a JSON schema makes per answer, found before any answer is checked."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple, cast
from urllib.parse import unquote

MAX_ANSWER_DEPTH: Final = 64
MAX_SUBSCHEMAS: Final = 2000
MAX_STEPS: Final = 50_000
# References that lead on to references, all looking at the same place of the answer.
_MAX_CHAIN: Final = 100
_SAME_PLACE: Final = ("not", "if", "then", "else", "$ref")
_SAME_PLACE_MANY: Final = ("allOf", "anyOf", "oneOf", "dependentSchemas", "dependencies")
_IN_EACH_ITEM: Final = ("items", "additionalItems", "contains")
_IN_EACH_MEMBER: Final = ("additionalProperties", "propertyNames")
# With these, what applies is known only while checking, or names a place by something else.
_REFUSED: Final = (
    "$anchor",
    "$dynamicAnchor",
    "$dynamicRef",
    "$recursiveAnchor",
    "$recursiveRef",
    "unevaluatedItems",
    "unevaluatedProperties",
)


class _Below(NamedTuple):
    """Parts that apply one level down: one of `one` to any one place, all of `each`."""

    one: list[int]
    each: list[int]

    def count(self, below: list[int]) -> int:
        """Return the steps that a place below takes at most."""
        return max((below[part] for part in self.one), default=0) + sum(
            below[part] for part in self.each
        )


class _Part(NamedTuple):
    """A subschema: its own weight, and the parts it leads to, by their numbers.

    A place of an answer is an array or an object, so only one of the two ways down is taken.
    """

    weight: int
    same: list[int]
    items: _Below
    members: _Below


class _Steps(NamedTuple):
    """Steps at a place if it is an array, and if it is an object."""

    array: int
    object: int


_UNDER_WAY: Final = _Steps(-1, -1)


def count_steps(schema: dict[str, Any]) -> tuple[int, ...]:
    """Return how many steps one way down an answer takes at most, for each depth of the answer.

    The first entry is for a plain value; answers deeper than the last take as much as that one.
    A step is a subschema looking at a place of the answer, or an item in one of its lists. Work
    on a whole answer is at most this times the number of its places.

    Raises:
        ValueError: the schema takes more than `MAX_STEPS`, goes round in circles, is larger than
            `MAX_SUBSCHEMAS`, or uses what is refused; the message is a sentence saying so.
    """
    parts = _Parts(schema).all
    below = [0] * len(parts)
    of_root: list[int] = []
    for _ in range(MAX_ANSWER_DEPTH):
        here: dict[int, _Steps] = {}
        counted = [max(_count(number, parts, below, here)) for number in range(len(parts))]
        of_root.append(counted[0])
        if counted == below:
            break
        below = counted
    return tuple(of_root)


def _count(
    number: int, parts: list[_Part], below: list[int], here: dict[int, _Steps], chain: int = 0
) -> _Steps:
    if number in here:
        if here[number] == _UNDER_WAY:
            msg = "It refers to itself without going deeper into the answer."
            raise ValueError(msg)
        return here[number]
    if chain > _MAX_CHAIN:
        msg = f"More than {_MAX_CHAIN} rules are nested for the same place of the answer."
        raise ValueError(msg)
    here[number] = _UNDER_WAY
    part = parts[number]
    same = [_count(one, parts, below, here, chain + 1) for one in part.same]
    steps = _Steps(
        part.weight + part.items.count(below) + sum(each.array for each in same),
        part.weight + part.members.count(below) + sum(each.object for each in same),
    )
    if max(steps) > MAX_STEPS:
        msg = f"It takes more than {MAX_STEPS} steps for one place of an answer."
        raise ValueError(msg)
    here[number] = steps
    return steps


class _Parts:
    """Every subschema that can apply, numbered from the root, which is 0."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._numbers: dict[int, int] = {}
        self._waiting: list[dict[str, Any] | bool] = []
        self.all: list[_Part] = []
        self._number(root)
        for schema in self._waiting:  # grows while it is gone through
            self.all.append(self._read(schema))

    def _number(self, schema: Any) -> int:
        if not isinstance(schema, (dict, bool)):
            msg = "A rule of it is neither an object nor true or false."
            raise ValueError(msg)  # noqa: TRY004 -- the callers tell people what is wrong with it
        rule = cast("dict[str, Any] | bool", schema)
        number = self._numbers.setdefault(id(rule), len(self._waiting))
        if number == len(self._waiting):
            if number == MAX_SUBSCHEMAS:
                msg = f"It holds more than {MAX_SUBSCHEMAS} rules."
                raise ValueError(msg)
            self._waiting.append(rule)
        return number

    def _read(self, schema: dict[str, Any] | bool) -> _Part:
        if isinstance(schema, bool):
            return _Part(1, [], _Below([], []), _Below([], []))
        self._refuse(schema)
        listed = _members(schema, "prefixItems", list) + _members(schema, "items", list)
        items = _single(schema, _IN_EACH_ITEM)
        members = _members(schema, "patternProperties", dict) + _single(schema, _IN_EACH_MEMBER)
        return _Part(
            1 + sum(_length(value) for value in schema.values()),
            self._numbered(self._same_place(schema)),
            _Below(self._numbered(listed), self._numbered(items)),
            _Below(self._numbered(_members(schema, "properties", dict)), self._numbered(members)),
        )

    def _numbered(self, schemas: Iterable[Any]) -> list[int]:
        return [self._number(schema) for schema in schemas]

    def _refuse(self, schema: dict[str, Any]) -> None:
        refused = [name for name in _REFUSED if name in schema]
        if "$id" in schema and schema is not self._root:
            refused.append("$id below the top")
        if refused:
            msg = f"It uses {', '.join(refused)}, which cannot be bounded or is not needed here."
            raise ValueError(msg)

    def _same_place(self, schema: dict[str, Any]) -> Iterator[Any]:
        for name in _SAME_PLACE:
            if name == "$ref" and name in schema:
                yield _find(self._root, schema[name])
            elif name in schema:
                yield schema[name]
        for name in _SAME_PLACE_MANY:
            yield from _members(schema, name, list)
            # A list of names in `dependencies` is no schema.
            yield from (v for v in _members(schema, name, dict) if not isinstance(v, list))


def _members(schema: dict[str, Any], name: str, kind: type) -> list[Any]:
    value = schema.get(name)
    if not isinstance(value, kind):
        return []
    if isinstance(value, dict):
        return list(cast("dict[str, Any]", value).values())
    return cast("list[Any]", value)


def _length(value: Any) -> int:
    return len(cast("list[Any]", value)) if isinstance(value, (dict, list)) else 0


def _single(schema: dict[str, Any], names: tuple[str, ...]) -> list[Any]:
    return [schema[name] for name in names if isinstance(schema.get(name), (dict, bool))]


def _find(root: dict[str, Any], reference: Any) -> Any:
    """Return what a JSON pointer written as `#/a/b` means.

    Source: RFC 6901, sections 4 and 6.
    """
    if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
        msg = "A $ref leads out of it; only references such as #/$defs/name are followed."
        raise ValueError(msg)
    found: Any = root
    for token in reference.split("/")[1:]:
        name = unquote(token).replace("~1", "/").replace("~0", "~")
        try:
            found = _step(found, name)
        except (KeyError, IndexError, ValueError, TypeError):
            msg = "A $ref in it leads to nothing."
            raise ValueError(msg) from None
    return found


def _step(value: Any, name: str) -> Any:
    if isinstance(value, list):
        return cast("list[Any]", value)[int(name)]
    return cast("dict[str, Any]", value)[name]
