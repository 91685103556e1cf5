"""Own which words templates may use, and what to say about those they may not."""

import difflib
import re
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from core.errors import TemplateInvalid
from core.templates.budget import MAX_NAME_LENGTH
from core.templates.filters import FILTERS, TESTS
from core.templates.methods import LOOP_METHODS, METHODS
from core.templates.operators import LOOP_ATTRIBUTES
from core.templates.plain import shorten

TAGS: Final = frozenset(
    ("if", "elif", "else", "endif", "for", "endfor", "set", "endset", "raw", "endraw")
)
FUNCTIONS: Final = frozenset({"range"})
# Names with a meaning of their own: no variable may bear one.
RESERVED: Final = frozenset(
    (
        *("self", "loop", "range", "super", "caller", "varargs", "kwargs"),
        *("true", "false", "none", "True", "False", "None"),
        *("and", "or", "not", "in", "is", "if", "elif", "else", "endif", "for", "endfor"),
        *("set", "endset", "raw", "endraw", "recursive"),
    )
)
_NAME = re.compile(rf"[A-Za-z_][A-Za-z0-9_]{{0,{MAX_NAME_LENGTH - 1}}}")

_MACRO = "Macros are not available.", "Write the text out, or keep it in a prompt of its own."
_IMPORT = "Imports are not available.", "Write the text out here."
_CALL = "Call blocks are not available.", "Write the text out."
_BLOCK = "Blocks are not available.", "Remove the block tags and keep their text."
_FILTER = (
    "Filter blocks are not available.",
    "Name the text with {% set x %}, then print x | upper.",
)
_ESCAPE = "Escaping blocks are not available.", "Use the filter `e` where it is needed."
_WITH = "With blocks are not available.", "Use {% set name = value %}."
_JUMP = (
    "Leaving a loop early is not available.",
    "Choose the items before: {% for x in items if condition %}.",
)
# What jinja2 itself, or its usual extensions, know beyond our tags.
_REFUSED_TAGS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "macro": _MACRO,
        "endmacro": _MACRO,
        "call": _CALL,
        "endcall": _CALL,
        "include": ("Includes are not available.", "Write the text out here."),
        "import": _IMPORT,
        "from": _IMPORT,
        "extends": ("Template inheritance is not available.", "Write the text out here."),
        "block": _BLOCK,
        "endblock": _BLOCK,
        "filter": _FILTER,
        "endfilter": _FILTER,
        "autoescape": _ESCAPE,
        "endautoescape": _ESCAPE,
        "with": _WITH,
        "endwith": _WITH,
        "do": ("Statements without output are not available.", "Use {% set name = value %}."),
        "break": _JUMP,
        "continue": _JUMP,
        "trans": ("Translations are not available.", "Write the text out."),
        "debug": ("Debug output is not available.", "Use the preview."),
        "print": ("The tag `print` is not available.", "Use {{ value }}."),
    }
)
_REFUSED_CALLS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "namespace": "Use filters such as sum, select or join instead of counting in a loop.",
        "dict": "Write {'key': value}.",
        "cycler": "Use loop.cycle().",
        "joiner": "Use the filter join, or {{ ', ' if not loop.last }}.",
        "lipsum": "Write the text out.",
        "loop": "Recursive loops are not available; write the levels out.",
        "caller": "Macros are not available; write the text out.",
        "super": "Template inheritance is not available; write the text out.",
    }
)
_REFUSED_FILTERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "attr": "Write value.name or value['name'].",
        "safe": "Remove it: nothing is escaped.",
        "forceescape": "Use the filter `e`.",
        "random": "A prompt renders the same each time; give the choice as a variable.",
        "wordwrap": "Remove it: models need no line breaks.",
        "pprint": "Use tojson(indent=2).",
        "slice": "Write items[:3] for a part, or use the filter batch for rows.",
    }
)
_REFUSED_METHODS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "format": 'Use "%.2f" | format(value), or ~ to join texts.',
        "format_map": 'Use "%.2f" | format(value), or ~ to join texts.',
        "append": "Lists cannot be changed; join them with +.",
        "update": "Objects cannot be changed.",
    }
)
RAW_REMEDY: Final = "If it is meant as text, put it between {% raw %} and {% endraw %}."


def check_tag(name: str, line: int) -> None:
    """Pass for the tags of the language.

    Raises:
        TemplateInvalid: any other, by name.
    """
    if name in TAGS:
        return
    if name in _REFUSED_TAGS:
        message, remedy = _REFUSED_TAGS[name]
        raise TemplateInvalid(message, line=line, remedy=remedy)
    raise TemplateInvalid(
        f"There is no tag `{shorten(name)}`{_suggest(name, TAGS)}.", line=line, remedy=RAW_REMEDY
    )


def check_filter(name: str, line: int) -> None:
    """Pass for the filters on the list.

    Raises:
        TemplateInvalid: any other, by name.
    """
    _check_word("filter", name, FILTERS, _REFUSED_FILTERS, line)


def check_test(name: str, line: int) -> None:
    """Pass for the tests on the list.

    Raises:
        TemplateInvalid: any other, by name.
    """
    _check_word("test", name, TESTS, {}, line)


def check_method(name: str, line: int, *, of_loop: bool) -> None:
    """Pass for the methods on the list.

    Raises:
        TemplateInvalid: any other, by name.
    """
    _check_word("method", name, LOOP_METHODS if of_loop else METHODS, _REFUSED_METHODS, line)


def check_function(name: str, line: int) -> None:
    """Pass for the functions on the list.

    Raises:
        TemplateInvalid: any other, by name.
    """
    _check_word("function", name, FUNCTIONS, _REFUSED_CALLS, line)


def check_loop_attribute(name: str, line: int) -> None:
    """Pass for the facts that a loop knows about itself.

    Raises:
        TemplateInvalid: any other, by name.
    """
    _check_word("loop value", name, LOOP_ATTRIBUTES, {}, line)


def is_variable_name(name: str) -> bool:
    """Whether a variable may bear the name."""
    return _NAME.fullmatch(name) is not None and not name.startswith("__") and name not in RESERVED


def check_variable(name: str, line: int) -> None:
    """Pass for names that a variable may bear.

    Raises:
        TemplateInvalid: the name is reserved or not written as names are.
    """
    if is_variable_name(name):
        return
    if name == "loop":
        raise TemplateInvalid(
            "`loop` exists only inside a for loop, followed by a name such as loop.index.",
            line=line,
            remedy="Write loop.index, loop.first or loop.last inside the loop.",
        )
    if name in RESERVED:
        raise TemplateInvalid(
            f"`{name}` is a word of the template language and cannot be a variable.",
            line=line,
            remedy="Choose another name.",
        )
    raise TemplateInvalid(
        f"`{shorten(name)}` cannot be the name of a variable.",
        line=line,
        remedy="Use up to 64 letters a-z, digits and underscores, beginning with a letter.",
    )


def _check_word(
    kind: str, name: str, allowed: Collection[str], refused: Mapping[str, str], line: int
) -> None:
    if name in allowed:
        return
    remedy = refused.get(name) or f"Available are: {', '.join(sorted(allowed))}."
    verb = "is not available" if name in refused else f"does not exist{_suggest(name, allowed)}"
    raise TemplateInvalid(f"The {kind} `{shorten(name)}` {verb}.", line=line, remedy=remedy)


def _suggest(name: str, allowed: Collection[str]) -> str:
    close = difflib.get_close_matches(name[:MAX_NAME_LENGTH], allowed, n=1)
    return f"; perhaps `{close[0]}` is meant" if close else ""
