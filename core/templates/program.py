"""Own templates made ready to run, and the bounded cache of them."""

import hashlib
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from threading import Lock
from typing import Any, Final

from jinja2 import Template, TemplateError, nodes

from core.errors import TemplateInvalid
from core.templates.budget import MAX_OUTPUT_BYTES
from core.templates.grammar import parse
from core.templates.operations import BAD_VALUE_ERRORS
from core.templates.rewrite import rewrite
from core.templates.sandbox import SANDBOX
from core.templates.undefined import Unfilled

_MAX_CACHED: Final = 512
_MAX_CACHED_BYTES: Final = 2 * 1024 * 1024
# What only prints and chooses: each takes as long as copying the values it prints.
_QUICK: Final = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr),
    *(nodes.If, nodes.CondExpr, nodes.And, nodes.Or, nodes.Not),
)
_MAX_QUICK_NODES: Final = 200


class Program:
    """One checked and compiled template; it holds nothing of the renders it does.

    `is_quick` means that it takes no longer than to copy each value some 200 times.
    """

    def __init__(self, source: str) -> None:
        tree = parse(SANDBOX, source)
        self.is_quick = _is_quick(tree)
        self.uses = rewrite(tree)
        self.size_bytes = len(source)
        self._template = _compile(tree)

    @property
    def names(self) -> tuple[str, ...]:
        """The variables read from outside, in order of first use."""
        return tuple(dict.fromkeys(use.name for use in self.uses))

    @property
    def guarded_names(self) -> frozenset[str]:
        """The variables whose absence the template copes with at one place at least."""
        return frozenset(use.name for use in self.uses if use.is_guarded)

    def run(self, values: Mapping[str, Any], *, optional: Collection[str]) -> Iterator[str]:
        """Yield the output piece by piece; what an expression printed comes as `Printed`.

        `optional` names that are not in `values` print nothing.

        Raises:
            TemplateInvalid: it fails on these values or outgrows its budget.
        """
        unfilled = {name: Unfilled(name=name) for name in optional}
        context = self._template.new_context({**unfilled, **values})
        left = MAX_OUTPUT_BYTES
        try:
            for piece in self._template.root_render_func(context):
                left -= len(piece) if piece.isascii() else len(piece.encode())
                _check_room(left)
                yield piece
        except TemplateInvalid as error:
            raise self._placed(error.message, error, remedy=error.remedy) from None
        except TemplateError as error:
            raise self._placed(
                error.message or "The template fails on these values.",
                error,
                remedy="Give a value, or use the filter default.",
            ) from None
        except BAD_VALUE_ERRORS as error:
            raise self._placed(
                "The template does not fit these values.", error, remedy="Check their kinds."
            ) from None

    def _placed(self, message: str, error: Exception, *, remedy: str) -> TemplateInvalid:
        """Return the error with the line of the template that raised it."""
        line: int | None = None
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_globals.get("__jinja_template__") is self._template:
                line = self._template.get_corresponding_lineno(trace.tb_lineno)
            trace = trace.tb_next
        return TemplateInvalid(message, line=line, remedy=remedy)


def _is_quick(tree: nodes.Template) -> bool:
    parts = list(tree.find_all(nodes.Node))
    return len(parts) <= _MAX_QUICK_NODES and all(isinstance(part, _QUICK) for part in parts)


def _check_room(left_bytes: int) -> None:
    if left_bytes < 0:
        raise TemplateInvalid(
            f"The rendered text is longer than {MAX_OUTPUT_BYTES // 1024**2} MiB.",
            remedy="Print less.",
        )


def _compile(tree: Any) -> Template:
    try:
        code = SANDBOX.compile(tree)
    except (RecursionError, MemoryError, SyntaxError):
        # The limits of the grammar lie below those of Python; this is for other Pythons.
        raise TemplateInvalid(
            "The template is too complicated.", remedy="Make it shorter."
        ) from None
    return Template.from_code(SANDBOX, code, {})


class _Cache:
    """The programs used last, by the checksum of their source."""

    def __init__(self) -> None:
        self._programs: OrderedDict[bytes, Program] = OrderedDict()
        self._size_bytes = 0
        self._lock = Lock()

    def find(self, key: bytes) -> Program | None:
        with self._lock:
            if key in self._programs:
                self._programs.move_to_end(key)
            return self._programs.get(key)

    def keep(self, key: bytes, program: Program) -> None:
        with self._lock:
            if key in self._programs:
                return
            self._programs[key] = program
            self._size_bytes += program.size_bytes
            while len(self._programs) > _MAX_CACHED or self._size_bytes > _MAX_CACHED_BYTES:
                _, oldest = self._programs.popitem(last=False)
                self._size_bytes -= oldest.size_bytes


_CACHE = _Cache()


def load(source: str, *, field: str) -> Program:
    """Return the template ready to run, compiled now or taken from the cache.

    Raises:
        TemplateInvalid: it does not parse, is too large, or uses something that is refused.
    """
    key = hashlib.sha256(source.encode("utf-8", "surrogatepass")).digest()
    program = _CACHE.find(key)
    if program is not None:
        return program
    try:
        program = Program(source)
    except TemplateInvalid as error:
        raise in_field(error, field) from None
    _CACHE.keep(key, program)
    return program


def in_field(error: TemplateInvalid, field: str) -> TemplateInvalid:
    """Return the error as one of the given field."""
    return TemplateInvalid(error.message, field=field, line=error.line, remedy=error.remedy)
