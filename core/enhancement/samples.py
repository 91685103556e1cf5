"""Own sample values for a dry render, guessed from how the templates use their variables."""

from collections.abc import Iterable
from typing import Any

from jinja2 import nodes

from core.templates.grammar import parse
from core.templates.sandbox import SANDBOX
from core.values.body import VersionBody
from core.values.fields import RequiredField
from prompthub.wire.literals import FieldType

_MAX_INDEX = 20


class _Shape:
    """What is known of a value: the keys asked of it, and its items if a loop goes over it."""

    def __init__(self) -> None:
        self.keys: dict[str, _Shape] = {}
        self.item: _Shape | None = None
        self.length = 1

    def key(self, name: str) -> "_Shape":
        return self.keys.setdefault(name, _Shape())

    def items(self) -> "_Shape":
        self.item = self.item or _Shape()
        return self.item

    def value(self, name: str, kind: FieldType | None = None) -> Any:
        match kind or self._likely_kind():
            case "number":
                return 1
            case "boolean":
                return True
            case "array":
                one = self.item.value(f"{name} item") if self.item else f"Sample {name}"
                return [one] * self.length
            case "object":
                return {key: shape.value(key) for key, shape in self.keys.items()}
            case "string":
                return f"Sample {name}"

    def _likely_kind(self) -> FieldType:
        if self.keys:
            return "object"
        return "array" if self.item else "string"


def sample_values(body: VersionBody, templates: Iterable[str]) -> dict[str, Any]:
    """Return a value for each declared field and each variable that the templates read.

    A default is taken as it is.

    Raises:
        TemplateInvalid: a template is refused.
    """
    shapes: dict[str, _Shape] = {}
    for source in templates:
        _Reader(shapes).statements(parse(SANDBOX, source).body, {})
    declared = {field.name: field for field in body.required_fields}
    included = {one.include_name for one in body.dependencies}
    used = {
        name: shape.value(name)
        for name, shape in shapes.items()
        if name not in declared and name not in included
    }
    return used | {name: _of_field(field, shapes) for name, field in declared.items()}


def _of_field(field: RequiredField, shapes: dict[str, _Shape]) -> Any:
    if field.default is not None:
        return field.default
    return shapes.get(field.name, _Shape()).value(field.name, field.type)


class _Reader:
    """Walk a template and note what it asks of each variable."""

    def __init__(self, shapes: dict[str, _Shape]) -> None:
        self._shapes = shapes

    def statements(self, body: Iterable[nodes.Node], known: dict[str, _Shape]) -> None:
        for node in body:
            match node:
                case nodes.For():
                    self._for(node, known)
                case nodes.Assign():
                    shape = self._note(node.node, known)
                    known.update(dict.fromkeys(_names(node.target), shape))
                case nodes.AssignBlock():
                    self.statements(node.body, dict(known))
                    known.update(dict.fromkeys(_names(node.target), _Shape()))
                case nodes.If():
                    self._note(node.test, known)
                    self.statements([*node.body, *node.elif_, *node.else_], known)
                case _:
                    self._note(node, known)

    def _for(self, node: nodes.For, known: dict[str, _Shape]) -> None:
        over = self._note(node.iter, known)
        names = _names(node.target)
        items = dict.fromkeys(names, _Shape())
        if len(names) == 1:
            items = {names[0]: over.items()}
        inner = {**known, **items, "loop": _Shape()}
        if node.test is not None:
            self._note(node.test, inner)
        self.statements(node.body, inner)
        self.statements(node.else_, dict(known))

    def _note(self, node: nodes.Node, known: dict[str, _Shape]) -> _Shape:
        """Return the shape that an expression stands for; a new one where that is not known."""
        match node:
            case nodes.Name():
                return known.get(node.name) or self._shapes.setdefault(node.name, _Shape())
            case nodes.Getattr():
                return self._note(node.node, known).key(node.attr)
            case nodes.Getitem(arg=nodes.Const(value=key)):
                return _at(self._note(node.node, known), key)
            case nodes.Call(node=nodes.Getattr() as method):
                subject = self._note(method.node, known)
                self._note_all([*node.args, *node.kwargs], known)
                return _Shape() if method.attr in _OF_TEXT else subject
            case nodes.Filter(node=nodes.Node() as value):
                self._note_all([*node.args, *node.kwargs], known)
                return self._note(value, known)
            case _:
                self._note_all(node.iter_child_nodes(), known)
        return _Shape()

    def _note_all(self, expressions: Iterable[nodes.Node], known: dict[str, _Shape]) -> None:
        for expression in expressions:
            self._note(expression, known)


def _at(shape: _Shape, key: object) -> _Shape:
    """Return what stands in the value under a constant key or index."""
    if isinstance(key, int):
        wanted = key + 1 if key >= 0 else -key
        shape.length = max(shape.length, min(wanted, _MAX_INDEX))
        return shape.items()
    return shape.key(str(key))


# Methods whose result is a new value, so that nothing is learnt of the old one from its use.
_OF_TEXT = frozenset({"split", "splitlines", "upper", "lower", "title", "strip", "replace"})


def _names(target: nodes.Node) -> list[str]:
    if isinstance(target, nodes.Name):
        return [target.name]
    return [name for child in target.iter_child_nodes() for name in _names(child)]
