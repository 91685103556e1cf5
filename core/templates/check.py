"""Own the check of a template before it is kept, and plain text written as a template."""

import re

from core.templates.program import load

_NEEDS_ESCAPE = re.compile(r"\{[{%#]|\r")
# The brace before a carriage return too, for that becomes an expression and opens with braces.
_UNSAFE_CHARACTER = re.compile(r"\{(?=[{%#\r])|\r")


def check_template(source: str, *, field: str) -> None:
    """Pass when the template parses, compiles and uses nothing that is refused.

    Raises:
        TemplateInvalid: it does not; `field` and, where known, the line are named.
    """
    load(source, field=field)


def escape_plain(text: str) -> str:
    """Return a template that renders to exactly this text.

    Text without template syntax is returned as it is, other text in a raw block. Where that
    cannot hold it, each brace in question is printed by an expression; so is each carriage
    return, for jinja2 reads every line end as a line feed.
    """
    if not _NEEDS_ESCAPE.search(text):
        return text
    if "endraw" in text or "\r" in text:
        return _UNSAFE_CHARACTER.sub(_print_character, text)
    return f"{{% raw %}}{text}{{% endraw %}}"


def _print_character(match: re.Match[str]) -> str:
    return '{{ "\\r" }}' if match.group() == "\r" else '{{ "{" }}'
