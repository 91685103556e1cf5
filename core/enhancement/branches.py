"""Own finding the branches of a template that no values can ever reach."""

import operator
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from jinja2 import nodes

from core.templates.grammar import parse
from core.templates.lint import Finding
from core.templates.sandbox import SANDBOX

_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = MappingProxyType(
    {
        "eq": operator.eq,
        "ne": operator.ne,
        "lt": operator.lt,
        "lteq": operator.le,
        "gt": operator.gt,
        "gteq": operator.ge,
    }
)


def find_unreachable(source: str, *, field: str) -> list[Finding]:
    """Return a remark for each branch that is never taken, whatever the values.

    Found are conditions that are constant, conditions that an earlier one of the same `if` has
    taken already, and loops over nothing. Conditions that exclude each other by meaning are not.

    Raises:
        TemplateInvalid: the template is refused.
    """
    tree = parse(SANDBOX, source)
    findings = [_remark(field, line, why) for line, why in _of_ifs(tree)]
    findings += [
        _remark(field, loop.lineno, "The loop goes over an empty list.")
        for loop in tree.find_all(nodes.For)
        if isinstance(loop.iter, nodes.List | nodes.Tuple) and not loop.iter.items
    ]
    return sorted(findings, key=lambda finding: finding.line)


def _remark(field: str, line: int, why: str) -> Finding:
    return Finding(
        "unreachable",
        "warning",
        field,
        line,
        1,
        f"This part is never reached. {why}",
        "Remove it, or correct the condition.",
    )


def _of_ifs(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    for chain in tree.find_all(nodes.If):
        yield from _of_chain(chain)


def _of_chain(chain: nodes.If) -> Iterator[tuple[int, str]]:
    """Yield line and reason of each dead branch of one if-elif-else."""
    seen: set[str] = set()
    is_settled = False
    for branch in (chain, *chain.elif_):
        truth = _truth(branch.test)
        if is_settled:
            yield branch.lineno, "A condition before it always holds."
        elif truth is False:
            yield branch.lineno, "The condition never holds."
        elif repr(branch.test) in seen:
            yield branch.lineno, "The same condition stands before it."
        seen.add(repr(branch.test))
        is_settled = is_settled or truth is True
    if is_settled and chain.else_:
        yield chain.else_[0].lineno, "A condition before it always holds."


def _truth(test: nodes.Node) -> bool | None:
    """Return whether a condition holds for all values, for none (False), or None: it depends."""
    truth: bool | None = None
    match test:
        case nodes.Const():
            truth = bool(test.value)
        case nodes.List() | nodes.Tuple() | nodes.Dict():
            truth = bool(test.items)
        case nodes.Not():
            inner = _truth(test.node)
            truth = None if inner is None else not inner
        case nodes.And() | nodes.Or():
            truth = _joined(test, decisive=isinstance(test, nodes.Or))
        case nodes.Compare(expr=nodes.Const(value=left), ops=[nodes.Operand() as right]):
            truth = _compared(left, right)
        case _:
            pass  # it depends on the values
    return truth


def _joined(test: nodes.And | nodes.Or, *, decisive: bool) -> bool | None:
    sides = (_truth(test.left), _truth(test.right))
    if decisive in sides:
        return decisive
    return None if None in sides else not decisive


def _compared(left: Any, operand: nodes.Operand) -> bool | None:
    compare = _COMPARISONS.get(operand.op)
    if compare is None or not isinstance(operand.expr, nodes.Const):
        return None
    try:
        return bool(compare(left, operand.expr.value))
    except TypeError:
        return None
