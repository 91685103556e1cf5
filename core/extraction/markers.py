"""Own turning the places to fill in of a found text into the variables of a template."""

import re
import unicodedata
from itertools import pairwise
from typing import Final, NamedTuple

from core.errors import TemplateInvalid
from core.templates.check import check_template, escape_plain
from core.templates.vocabulary import RESERVED
from core.values.fields import RequiredField

MAX_VARIABLES: Final = 50
_MAX_WORDS: Final = 6
_MAX_NAME: Final = 40
# What stands between angle brackets in markup rather than as a place to fill in.
_TAG: Final = re.compile(
    r"a|abbr|article|aside|audio|b|blockquote|body|br|button|canvas|caption|catalog|cite|"
    r"code|col|dd|details|div|dl|dt|em|embed|fieldset|figure|footer|form|h1|h2|h3|h4|h5|"
    r"h6|head|header|hr|html|i|iframe|img|input|ins|kbd|label|legend|li|link|main|mark|"
    r"meta|nav|ol|option|p|param|pre|q|root|s|samp|script|section|select|small|span|"
    r"strong|style|sub|sup|svg|table|tbody|td|template|textarea|tfoot|th|thead|title|tr|"
    r"u|ul|var|video|xml",
    re.IGNORECASE,
)
_NAME_CHARACTERS: Final = r"[^\W\d_][\w \t/'&,.:-]{0,58}[\w.]?"
_MARKER: Final = re.compile(
    # Two braces around a name.
    r"\{\{[ \t]*(?P<braces>[^\W\d_][\w .-]{0,60}?)[ \t]*\}\}"
    # A dollar and braces, perhaps with a default after a colon.
    r"|\$\{(?P<dollar>[^\W\d_][\w -]{0,60}?)(?::(?P<dollar_default>[^{}\n]{0,200}))?\}"
    # One brace around a name.
    r"|(?<![\\{$])\{(?P<brace>[^\W\d_][\w -]{0,60}?)\}(?!\})"
    # Square brackets, but no link, no reference and no index.
    rf"|(?<![\w\]!\\])\[(?P<square>{_NAME_CHARACTERS})\](?![(\[:])"
    # Angle brackets.
    r"|<(?P<angle>[^\W\d_][\w -]{0,60}?)>"
    # A blank with its name behind, perhaps with an example.
    r"|_{3,}[ \t]*\((?P<blank>[^\W\d_]\w{0,60})"
    r"(?:,[ \t]*(?:e\.g\.,?[ \t]*)?(?P<hint>[^()\n]{0,200}))?\)"
)
_KINDS: Final = ("braces", "dollar", "brace", "square", "angle", "blank")
_CHECKBOX: Final = frozenset({"x", "X"})
_QUOTE_MARK: Final = re.compile(r"^ {0,3}>[ ]?", re.MULTILINE)
_QUOTES: Final = {'"': '"', "\u201c": "\u201d"}
_HYPHEN: Final = ("\u2010", "\u00ad")
_NEW_LINE: Final = re.compile(r"\s*(?:[-*\u2022#>|{}\[\]]|\d{1,3}[.)]|[A-Z][\w ]{0,20}:)")


class Template(NamedTuple):
    """A text as a Jinja2 template, and the fields its places to fill in became."""

    content: str
    fields: tuple[RequiredField, ...]


def to_template(text: str, *, is_wrapped: bool = False) -> Template:
    """Return the template that a found text stands for.

    Quotes around the whole, marks of a quotation and line breaks of the paper (`is_wrapped`) are
    left out; everything else that Jinja2 would act on is printed as it is.
    """
    clean = _unwrap(text) if is_wrapped else text
    clean = _unquote(_QUOTE_MARK.sub("", clean) if clean.lstrip().startswith(">") else clean)
    made = _Template(clean)
    try:
        check_template(made.content, field="content")
    except TemplateInvalid:
        return Template(escape_plain(clean), ())
    return Template(made.content, tuple(made.fields.values()))


def _unquote(text: str) -> str:
    inner = text.strip()
    close = _QUOTES.get(inner[:1])
    if close and len(inner) > 1 and inner.endswith(close) and close not in inner[1:-1]:
        return inner[1:-1].strip()
    return inner


def _unwrap(text: str) -> str:
    """Join lines that were broken because the next word did not fit."""
    lines = text.split("\n")
    width = max(len(line) for line in lines)
    joined = lines[0]
    for before, line in pairwise(lines):
        first = line.split(" ", 1)[0]
        if before.endswith(_HYPHEN):
            joined = joined[:-1] + line
        elif len(before) + 1 + len(first) > width and not _NEW_LINE.match(line):
            joined = f"{joined} {line}"
        else:
            joined = f"{joined}\n{line}"
    return joined


class _Template:
    """A text whose markers became expressions, and the fields they name."""

    def __init__(self, text: str) -> None:
        self.fields: dict[str, RequiredField] = {}
        self._names: dict[str, str] = {}
        pieces: list[str] = []
        at = 0
        for match in _MARKER.finditer(text):
            name = self._name(match, text)
            if name is not None:
                pieces += [_before_braces(text[at : match.start()]), f"{{{{ {name} }}}}"]
                at = match.end()
        pieces.append(escape_plain(text[at:]))
        self.content = "".join(pieces)

    def _name(self, match: re.Match[str], text: str) -> str | None:
        """Return the variable of a marker, None when it is none."""
        kind = next(kind for kind in _KINDS if match[kind] is not None)
        label = match[kind].strip()
        if not _is_place(kind, label, text):
            return None
        known = self._names.get(label.casefold())
        if known is not None:
            return known
        name = _identifier(label)
        if name is None or len(self.fields) == MAX_VARIABLES:
            return None
        self._names[label.casefold()] = name
        default = match["dollar_default"] if kind == "dollar" else None
        hint = (match["hint"] or "").strip() if kind == "blank" else ""
        self.fields.setdefault(
            name,
            RequiredField(
                name=name,
                required=default is None,
                default=default,
                description=f"Such as: {hint}" if hint else (label if label != name else ""),
            ),
        )
        return name


def _before_braces(text: str) -> str:
    """Return plain text such that a brace at its end does not run into those of an expression."""
    if not text.endswith("{"):
        return escape_plain(text)
    return f'{escape_plain(text[:-1])}{{{{ "{{" }}}}'


def _is_place(kind: str, label: str, text: str) -> bool:
    if len(label.split()) > _MAX_WORDS:
        return False
    if kind == "square":
        return label not in _CHECKBOX
    if kind == "angle":
        return not _TAG.fullmatch(label) and f"</{label}" not in text
    return True


def _identifier(label: str) -> str | None:
    """Return a name that Jinja2 and our fields take, None when nothing of the label is left."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
    name = re.sub(r"\W+", "_", plain).strip("_")
    if name.isupper() or " " in label:
        name = name.lower()
    name = name[:_MAX_NAME].strip("_")
    if not name or not name[0].isalpha():
        return None
    return f"{name}_value" if name in RESERVED else name
