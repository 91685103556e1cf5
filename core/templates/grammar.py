"""Own what a template may be made of: its tokens before parsing, its syntax tree after."""

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.parser import Parser

from core.errors import TemplateInvalid
from core.templates import vocabulary
from core.templates.budget import (
    MAX_DEPTH,
    MAX_LOOP_DEPTH,
    MAX_NAME_LENGTH,
    MAX_NODES,
    MAX_SOURCE_BYTES,
)
from core.values.fields import is_storable_number

_MAX_NUMBER_CHARACTERS = 80
_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")
# jinja2 decodes text as Python does; these are the escapes that mean something there.
_BAD_ESCAPE = re.compile(
    r"\\(?!\\|['\"abfnrtv\n]|[0-3]?[0-7]{1,2}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}"
    r"|U[0-9a-fA-F]{8}|N\{[A-Za-z0-9 -]{1,80}\})(?:.|$)|\\\\",
    re.DOTALL,
)
_SURROGATE = re.compile("[\ud800-\udfff]")
# Filters of which the first argument names another filter or test.
_NAMING_FILTERS: Final = MappingProxyType(
    {
        "map": (0, vocabulary.check_filter),
        "select": (0, vocabulary.check_test),
        "reject": (0, vocabulary.check_test),
        "selectattr": (1, vocabulary.check_test),
        "rejectattr": (1, vocabulary.check_test),
    }
)
_TOO_DEEP = "The template is nested too deeply."
_SIMPLIFY = "Use shorter expressions and fewer levels; {% set %} can name parts."


def parse(environment: Environment, source: str) -> nodes.Template:
    """Return the checked syntax tree of a template.

    Raises:
        TemplateInvalid: it does not parse, is too large, or uses something that is refused.
    """
    _check_text(source)
    try:
        _check_tokens(environment.lexer.tokeniter(source, None))
        tree = Parser(environment, source).parse()
    except TemplateSyntaxError as error:
        raise TemplateInvalid(
            f"The template does not parse: {_lowered(error.message or '')}",
            line=error.lineno,
            remedy=vocabulary.RAW_REMEDY,
        ) from None
    except RecursionError:
        raise TemplateInvalid(_TOO_DEEP, remedy=_SIMPLIFY) from None
    _check_tree(tree)
    return tree


def _lowered(message: str) -> str:
    text = message[:300].rstrip(".")
    return f"{text[:1].lower()}{text[1:]}."


def _check_text(source: str) -> None:
    try:
        size = len(source.encode())
    except UnicodeEncodeError:
        raise TemplateInvalid(
            "The template holds half of a surrogate pair.", remedy="Remove it."
        ) from None
    if size > MAX_SOURCE_BYTES:
        raise TemplateInvalid(
            f"The template is longer than {MAX_SOURCE_BYTES // 1024} KiB.",
            remedy="Make it shorter, or give long texts as variables.",
        )


def _check_tokens(tokens: Iterator[tuple[int, str, str]]) -> None:
    depth = 0
    prefixes = 0
    after_tag_begin = False
    for line, kind, text in tokens:
        if kind in {"whitespace", "data"}:
            continue
        if after_tag_begin and kind == "name":
            vocabulary.check_tag(text, line)
        after_tag_begin = kind == "block_begin"
        if kind == "operator":
            depth += (text in _OPENING) - (text in _CLOSING)
        prefixes = prefixes + 1 if text in {"-", "+", "not"} else 0
        if depth > MAX_DEPTH or prefixes > MAX_DEPTH:
            raise TemplateInvalid(_TOO_DEEP, line=line, remedy=_SIMPLIFY)
        if kind in _TOKEN_CHECKS:
            _TOKEN_CHECKS[kind](text, line)


def _check_number_token(text: str, line: int) -> None:
    if len(text) > _MAX_NUMBER_CHARACTERS:
        raise TemplateInvalid(
            "A number in the template has too many digits.", line=line, remedy="Give it as text."
        )


def _check_name_token(text: str, line: int) -> None:
    if len(text) > MAX_NAME_LENGTH:
        raise TemplateInvalid(
            f"A name in the template is longer than {MAX_NAME_LENGTH} characters.",
            line=line,
            remedy="Choose a shorter one.",
        )


def _check_string_token(text: str, line: int) -> None:
    if "\\" not in text:
        return
    if any(match.group() != "\\\\" for match in _BAD_ESCAPE.finditer(text[1:-1])):
        raise TemplateInvalid(
            "A backslash in a quoted text begins no known escape.",
            line=line,
            remedy=r"Write \\ for a backslash.",
        )


_TOKEN_CHECKS: Final[Mapping[str, Callable[[str, int], None]]] = MappingProxyType(
    {
        "integer": _check_number_token,
        "float": _check_number_token,
        "name": _check_name_token,
        "string": _check_string_token,
    }
)


def _check_tree(tree: nodes.Template) -> None:
    """Walk without recursion, for the tree may be as deep as it is large."""
    count = 0
    waiting: list[tuple[nodes.Node, int, int]] = [(tree, 0, 0)]
    while waiting:
        node, depth, loops = waiting.pop()
        count += 1
        if count > MAX_NODES:
            raise TemplateInvalid(
                f"The template has more than {MAX_NODES:,} parts.",
                line=node.lineno,
                remedy="Make it shorter, or use a loop.",
            )
        if depth > MAX_DEPTH or loops > MAX_LOOP_DEPTH:
            raise TemplateInvalid(_TOO_DEEP, line=node.lineno, remedy=_SIMPLIFY)
        _NODE_CHECKS.get(type(node), _refuse)(node)
        inner = loops + isinstance(node, nodes.For)
        waiting.extend((child, depth + 1, inner) for child in _children(node))


def _children(node: nodes.Node) -> Iterator[nodes.Node]:
    """Yield what is to be checked below a node, without the words that its own check covers."""
    for child in node.iter_child_nodes():
        if isinstance(node, nodes.Call) and child is node.node:
            if isinstance(child, nodes.Getattr):
                yield from _children(child)
        elif not (isinstance(node, nodes.Getattr) and is_loop(child)):
            yield child


def is_loop(node: nodes.Node) -> bool:
    """Whether the node is the name `loop`."""
    return isinstance(node, nodes.Name) and node.name == "loop"


def _refuse(node: nodes.Node) -> None:
    raise TemplateInvalid(
        f"{type(node).__name__} is not available in templates.",
        line=node.lineno,
        remedy="Use variables, loops, conditions, filters and set.",
    )


def _check_name(node: nodes.Name) -> None:
    vocabulary.check_variable(node.name, node.lineno)


def _check_const(node: nodes.Const) -> None:
    value = node.value
    if isinstance(value, str):
        is_sound = "\x00" not in value and not _SURROGATE.search(value)
    else:
        is_sound = not isinstance(value, (int, float)) or is_storable_number(value)
    if not is_sound:
        raise TemplateInvalid(
            "A quoted text or number in the template cannot be stored.",
            line=node.lineno,
            remedy="Use numbers of at most 64 bits; leave out NUL characters and half surrogates.",
        )


def _check_arguments(node: nodes.Filter | nodes.Test | nodes.Call) -> None:
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        raise TemplateInvalid(
            "Arguments cannot be unpacked with * or **.",
            line=node.lineno,
            remedy="Write them one by one.",
        )


def _check_filter(node: nodes.Filter) -> None:
    vocabulary.check_filter(node.name, node.lineno)
    _check_arguments(node)
    position, check = _NAMING_FILTERS.get(node.name, (0, None))
    if check is None or len(node.args) <= position:
        return
    name = node.args[position]
    if not (isinstance(name, nodes.Const) and isinstance(name.value, str)):
        raise TemplateInvalid(
            f"The filter `{node.name}` needs the name of a filter or test in quotes.",
            line=node.lineno,
            remedy=f"Write it out, such as {node.name}('upper') or {node.name}('defined').",
        )
    check(name.value, node.lineno)


def _check_test(node: nodes.Test) -> None:
    vocabulary.check_test(node.name, node.lineno)
    _check_arguments(node)


def _check_call(node: nodes.Call) -> None:
    _check_arguments(node)
    called = node.node
    if isinstance(called, nodes.Getattr):
        vocabulary.check_method(called.attr, node.lineno, of_loop=is_loop(called.node))
    elif isinstance(called, nodes.Name):
        vocabulary.check_function(called.name, node.lineno)
    else:
        raise TemplateInvalid(
            "Only functions and methods can be called.",
            line=node.lineno,
            remedy="Remove the parentheses.",
        )


def _check_getattr(node: nodes.Getattr) -> None:
    if is_loop(node.node):
        vocabulary.check_loop_attribute(node.attr, node.lineno)
    elif node.attr.startswith("__"):
        vocabulary.check_variable(node.attr, node.lineno)


def _check_for(node: nodes.For) -> None:
    if node.recursive:
        vocabulary.check_function("loop", node.lineno)


def _check_dict(node: nodes.Dict) -> None:
    for pair in node.items:
        if not (isinstance(pair.key, nodes.Const) and isinstance(pair.key.value, str)):
            raise TemplateInvalid(
                "The keys of an object must be quoted texts.",
                line=pair.lineno,
                remedy="Write {'key': value}.",
            )


def _accept(_: nodes.Node) -> None:
    """Every use of such a node is fine."""


_NODE_CHECKS: Final[Mapping[type[nodes.Node], Callable[[Any], None]]] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.Assign),
                *(nodes.AssignBlock, nodes.CondExpr, nodes.List, nodes.Tuple, nodes.Pair),
                *(nodes.Keyword, nodes.Getitem, nodes.Slice, nodes.Concat, nodes.Compare),
                *(nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Neg, nodes.Pos),
                *(nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod),
                nodes.Pow,
            ),
            _accept,
        ),
        nodes.Name: _check_name,
        nodes.Const: _check_const,
        nodes.Filter: _check_filter,
        nodes.Test: _check_test,
        nodes.Call: _check_call,
        nodes.Getattr: _check_getattr,
        nodes.For: _check_for,
        nodes.Dict: _check_dict,
    }
)
