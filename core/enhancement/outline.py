"""Own the outline of a template: what it prints, in order, and under which branches."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from jinja2 import nodes

from core.templates.grammar import parse
from core.templates.sandbox import SANDBOX

# Which way was taken at each branching above: (number of the branching, number of the way).
Way = tuple[tuple[int, int], ...]
# Filters after which a value can no longer pass for an instruction, or is no text.
_TAMING_FILTERS = frozenset({"tojson", "urlencode", "int", "float", "length", "count"})


class Piece(NamedTuple):
    """One stretch of output: literal text, or what an expression prints.

    `variables` are those from outside that the expression prints, none for literal text and for
    values that a filter made harmless. `line` counts from 1.
    """

    text: str
    is_literal: bool
    variables: frozenset[str]
    line: int
    way: Way


def outline(source: str) -> list[Piece]:
    """Return the pieces of a template in the order of its text, branches one after the other.

    Raises:
        TemplateInvalid: the template is refused.
    """
    return list(_Walk().statements(parse(SANDBOX, source).body, (), {}))


def are_exclusive(one: Way, other: Way) -> bool:
    """Whether two pieces never appear together, for they stand in two ways of one branching."""
    taken = dict(one)
    return any(taken.get(branching, way) != way for branching, way in other)


class _Walk:
    def __init__(self) -> None:
        self._branchings = 0

    def statements(
        self, body: Iterable[nodes.Node], way: Way, known: dict[str, frozenset[str]]
    ) -> Iterator[Piece]:
        for node in body:
            match node:
                case nodes.Output():
                    yield from (_piece(part, way, known) for part in node.nodes)
                case nodes.If():
                    yield from self._if(node, way, known)
                case nodes.For():
                    yield from self._for(node, way, known)
                case nodes.Assign():
                    known.update(dict.fromkeys(_names(node.target), _read(node.node, known)))
                case nodes.AssignBlock():
                    # What it captures is printed where its name is.
                    captured = list(self.statements(node.body, way, dict(known)))
                    held = frozenset[str]().union(*(piece.variables for piece in captured))
                    known.update(dict.fromkeys(_names(node.target), held))
                case _:
                    raise AssertionError(type(node))  # the grammar lets no other statement pass

    def _if(self, node: nodes.If, way: Way, known: dict[str, frozenset[str]]) -> Iterator[Piece]:
        self._branchings += 1
        branching = self._branchings
        bodies = [node.body, *(branch.body for branch in node.elif_), node.else_]
        for number, body in enumerate(bodies):
            yield from self.statements(body, (*way, (branching, number)), known)

    def _for(self, node: nodes.For, way: Way, known: dict[str, frozenset[str]]) -> Iterator[Piece]:
        self._branchings += 1
        branching = self._branchings
        items = dict.fromkeys(_names(node.target), _read(node.iter, known))
        inner = {**known, **items, "loop": frozenset[str]()}
        yield from self.statements(node.body, (*way, (branching, 0)), inner)
        yield from self.statements(node.else_, (*way, (branching, 1)), dict(known))


def _piece(node: nodes.Expr, way: Way, known: dict[str, frozenset[str]]) -> Piece:
    if isinstance(node, nodes.TemplateData):
        return Piece(node.data, is_literal=True, variables=frozenset(), line=node.lineno, way=way)
    return Piece("", is_literal=False, variables=_read(node, known), line=node.lineno, way=way)


def _read(node: nodes.Node, known: dict[str, frozenset[str]]) -> frozenset[str]:
    """Return the variables from outside of which text may come out of an expression."""
    match node:
        case nodes.Filter(name=name) if name in _TAMING_FILTERS:
            return frozenset()
        case nodes.Compare() | nodes.Test() | nodes.Not():
            return frozenset()
        case nodes.Name():
            return known.get(node.name, frozenset({node.name}))
        case nodes.CondExpr():
            children: list[Any] = [node.expr1, *([node.expr2] if node.expr2 else [])]
        case _:
            children = list(node.iter_child_nodes())
    return frozenset[str]().union(*(_read(child, known) for child in children))


def _names(target: nodes.Node) -> list[str]:
    if isinstance(target, nodes.Name):
        return [target.name]
    return [name for child in target.iter_child_nodes() for name in _names(child)]
