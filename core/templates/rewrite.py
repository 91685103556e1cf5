"""Own the rewriting of a checked syntax tree, so that everything it does passes our operators.

On the way the variables are found: which names come from outside, where, and whether they may be
absent. The tree is at most `MAX_DEPTH` deep, so recursion is safe here.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple, cast

from jinja2 import nodes

from core.templates import operators
from core.templates.grammar import is_loop
from core.templates.plain import shorten
from core.templates.vocabulary import check_variable

# What local names stand for: the variable that the value came from, None when from none.
Scope = dict[str, str | None]


class Use(NamedTuple):
    """One place where a template reads a variable from outside.

    `is_guarded` means that this place copes with its absence: `default` or `is defined`.
    """

    name: str
    line: int
    is_guarded: bool


def rewrite(tree: nodes.Template) -> tuple[Use, ...]:
    """Change the tree in place and return the uses of outside variables in order.

    Raises:
        TemplateInvalid: `loop` is used outside a loop.
    """
    rewriter = _Rewriter()
    rewriter.statements(tree.body, {})
    return tuple(rewriter.uses)


class _Rewriter:
    def __init__(self) -> None:
        self.uses: list[Use] = []
        self._captures = 0

    def statements(self, body: Iterable[nodes.Node], scope: Scope) -> None:
        for node in body:
            match node:
                case nodes.Output():
                    node.nodes = [self._output(part, scope) for part in node.nodes]
                case nodes.If():
                    self._if(node, scope)
                case nodes.For():
                    self._for(node, scope)
                case nodes.Assign():
                    root = self._root(node.node, scope)
                    node.node = self._expression(node.node, scope)
                    scope.update(dict.fromkeys(_targets(node.target), root))
                case nodes.AssignBlock():
                    self._assign_block(node, scope)
                case _:
                    raise AssertionError(type(node))  # the grammar lets no other statement pass

    def _if(self, node: nodes.If, scope: Scope) -> None:
        node.test = self._expression(node.test, scope)
        self.statements(node.body, scope)
        for branch in node.elif_:
            self._if(branch, scope)
        self.statements(node.else_, scope)

    def _for(self, node: nodes.For, scope: Scope) -> None:
        steps = 1 + sum(_count(part) for part in node.body)
        targets = dict.fromkeys(_targets(node.target), self._root(node.iter, scope))
        node.iter = _internal(
            operators.LOOP_OVER, self._expression(node.iter, scope), nodes.Const(steps), at=node
        )
        if node.test is not None:
            node.test = self._expression(node.test, {**scope, **targets})
        self.statements(node.body, {**scope, **targets, "loop": None})
        self.statements(node.else_, dict(scope))

    def _assign_block(self, node: nodes.AssignBlock, scope: Scope) -> None:
        self._captures += 1
        self.statements(node.body, dict(scope))
        self._captures -= 1
        if node.filter is not None:
            node.filter = cast("nodes.Filter", self._expression(node.filter, scope))
        scope.update(dict.fromkeys(_targets(node.target)))

    def _output(self, node: nodes.Expr, scope: Scope) -> nodes.Expr:
        if isinstance(node, nodes.TemplateData):
            # Captured text is held in memory and does not pass the cap on the output.
            return self._print(nodes.Const(node.data), None, node) if self._captures else node
        root = self._root(node, scope)
        return self._print(self._expression(node, scope), root, node)

    def _print(self, value: nodes.Expr, root: str | None, at: nodes.Node) -> nodes.Expr:
        return _internal(operators.PRINT, value, nodes.Const(root), at=at)

    def _expression(self, node: Any, scope: Scope) -> Any:
        match node:
            case nodes.Name():
                self._use(node, scope, is_guarded=False)
            case nodes.Filter() | nodes.Test() if _copes_with_absence(node):
                self._use(cast("nodes.Name", node.node), scope, is_guarded=True)
                node.args = [self._expression(argument, scope) for argument in node.args]
                self._keywords(node.kwargs, scope)
            case nodes.Getattr() if is_loop(node.node):
                self._require_loop(node, scope)
            case (
                nodes.Getattr() | nodes.Getitem() | nodes.Call() | nodes.Concat() | nodes.Compare()
            ):
                return self._operation(node, scope)
            case _:
                self._descend(node, scope)
        return node

    def _operation(self, node: Any, scope: Scope) -> nodes.Expr:
        """Return the call of one of our operators that does what the node would have done."""
        match node:
            case nodes.Getattr() | nodes.Getitem():
                return self._lookup(node, scope)
            case nodes.Call():
                return self._call(node, scope)
            case nodes.Concat():
                parts = [self._expression(part, scope) for part in node.nodes]
                return _internal(operators.CONCATENATE, *parts, at=node)
            case _:
                return self._compare(node, scope)

    def _descend(self, node: nodes.Node, scope: Scope) -> None:
        for name, value in node.iter_fields():
            if isinstance(value, nodes.Node):
                setattr(node, name, self._expression(value, scope))
            elif isinstance(value, list):
                items = cast("list[Any]", value)
                changed = [
                    self._expression(item, scope) if isinstance(item, nodes.Node) else item
                    for item in items
                ]
                setattr(node, name, changed)

    def _lookup(self, node: nodes.Getattr | nodes.Getitem, scope: Scope) -> nodes.Expr:
        path = nodes.Const(shorten(_path(node)))
        value = self._expression(node.node, scope)
        if isinstance(node, nodes.Getattr):
            return _internal(operators.GET, value, nodes.Const(node.attr), path, at=node)
        if isinstance(node.arg, nodes.Slice):
            bounds = (node.arg.start, node.arg.stop, node.arg.step)
            parts = [
                nodes.Const(None) if bound is None else self._expression(bound, scope)
                for bound in bounds
            ]
            return _internal(operators.SLICE, value, *parts, at=node)
        return _internal(operators.GET, value, self._expression(node.arg, scope), path, at=node)

    def _call(self, node: nodes.Call, scope: Scope) -> nodes.Expr:
        called = node.node
        if isinstance(called, nodes.Getattr):
            value = self._subject(called, scope)
            parts = [nodes.Const(called.attr), *self._arguments(node, scope)]
            call = _internal(operators.CALL_METHOD, value, *parts, at=node)
        else:
            first, *rest = self._arguments(node, scope) or [nodes.Const(None)]
            call = _internal(operators.RANGE, first, *rest, at=node)
        self._keywords(node.kwargs, scope)
        call.kwargs = cast("Any", node.kwargs)
        return call

    def _subject(self, called: nodes.Getattr, scope: Scope) -> nodes.Expr:
        if is_loop(called.node):
            self._require_loop(called, scope)
            return called.node
        return self._expression(called.node, scope)

    def _arguments(self, node: nodes.Call, scope: Scope) -> list[nodes.Expr]:
        return [self._expression(argument, scope) for argument in node.args]

    def _compare(self, node: nodes.Compare, scope: Scope) -> nodes.Expr:
        parts: list[nodes.Expr] = []
        first = self._expression(node.expr, scope)
        for operand in node.ops:
            parts += [nodes.Const(operand.op), self._expression(operand.expr, scope)]
        return _internal(operators.COMPARE, first, *parts, at=node)

    def _keywords(self, keywords: Iterable[Any], scope: Scope) -> None:
        for keyword in keywords:
            keyword.value = self._expression(keyword.value, scope)

    def _use(self, node: nodes.Name, scope: Scope, *, is_guarded: bool) -> None:
        if node.name not in scope:
            self.uses.append(Use(node.name, node.lineno, is_guarded))

    def _require_loop(self, node: nodes.Getattr, scope: Scope) -> None:
        if "loop" not in scope:
            check_variable("loop", node.lineno)

    def _root(self, node: nodes.Node, scope: Scope) -> str | None:
        """Return the first variable from outside that an expression reads."""
        if isinstance(node, nodes.Name):
            return scope.get(node.name, node.name)
        for child in node.iter_child_nodes():
            root = self._root(child, scope)
            if root is not None:
                return None if root == "loop" else root
        return None


def _copes_with_absence(node: nodes.Filter | nodes.Test) -> bool:
    return isinstance(node.node, nodes.Name) and node.name in {
        *("default", "d", "defined", "undefined"),
    }


def _internal(name: str, value: Any, *args: Any, at: nodes.Node) -> nodes.Filter:
    return nodes.Filter(value, name, list(args), [], None, None, lineno=at.lineno)


def _targets(target: nodes.Node) -> list[str]:
    if isinstance(target, nodes.Name):
        return [target.name]
    return [name for child in target.iter_child_nodes() for name in _targets(child)]


def _count(node: nodes.Node) -> int:
    """Count what one pass evaluates; loops within pay for their own passes."""
    exclude = ("body",) if isinstance(node, nodes.For) else ()
    return 1 + sum(_count(child) for child in node.iter_child_nodes(exclude=exclude))


def _path(node: nodes.Node) -> str:
    match node:
        case nodes.Name():
            return node.name
        case nodes.Getattr():
            return f"{_path(node.node)}.{node.attr}"
        case nodes.Getitem(arg=nodes.Const(value=str(key))):
            return f"{_path(node.node)}.{key}"
        case nodes.Getitem(arg=nodes.Const(value=int(key))):
            return f"{_path(node.node)}[{key}]"
        case nodes.Getitem():
            return f"{_path(node.node)}[...]"
        case _:
            return "The value looked up"
