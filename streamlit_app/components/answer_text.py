"""Own how a model's answer is shown: as the markdown it usually is, and never as more."""

import re

# Code as CommonMark sees it, and characters that are escaped already, stay as they are.
_KEPT = re.compile(
    r"(^ {0,3}(?P<fence>```+|~~~+).*?(?:^ {0,3}(?P=fence)[`~]*[ \t]*$|\Z)"
    r"|(?<!`)(?P<ticks>`+)(?!`)[^\n|]*?(?<!`)(?P=ticks)(?!`)|\\.)",
    re.DOTALL | re.MULTILINE,
)
# Headings after a mark, and those that a line below makes one.
_HEADING = re.compile(
    _KEPT.pattern + r"|^(?P<marks> {0,3}#{1,3})(?=[ \t])"
    r"|^ {0,3}(?![ \t]|[-*+>|#]|\d+[.)])(?P<title>[^\n]+)\n {0,3}(?P<line>=+|-{2,})[ \t]*$",
    re.DOTALL | re.MULTILINE,
)
# HTML, formulas, images, and Streamlit's own words such as :red[...], :smile: and :material/...:.
_ACTIVE = re.compile(r"[<$]|!(?=\[)|:(?=[\w+-]+[\[:/])")


def answer_markdown(text: str) -> str:
    """Return the markdown that shows headings, lists, tables and code, but loads and runs nothing.

    Images would tell a foreign server that, and what, somebody reads here. Headings are those of
    the answer and not of the page: they start at the fourth level.
    """
    parts: list[str] = []
    end = 0
    text = _HEADING.sub(_lowered, text)
    for kept in _KEPT.finditer(text):
        parts += [_defused(text[end : kept.start()]), kept.group()]
        end = kept.end()
    return "".join([*parts, _defused(text[end:])])


def _lowered(found: re.Match[str]) -> str:
    if found["marks"]:
        return f"{found['marks']}###"
    if found["title"]:
        return f"{'####' if found['line'].startswith('=') else '#####'} {found['title']}"
    return found.group()


def _defused(text: str) -> str:
    return _ACTIVE.sub(lambda found: "\\" + found.group(), text)
