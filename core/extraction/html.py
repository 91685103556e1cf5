"""Own reading HTML: the blocks of its main content, code and quotes exactly as written."""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final, Literal

from core.extraction.blocks import BlockKind, Source, Writer, storable

_Phase = Literal["start", "end", "tail"]

_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# Nothing in these is content, whatever stands in them.
_DROPPED: Final = frozenset({
    "aside", "audio", "button", "canvas", "dialog", "embed", "footer", "form", "head", "iframe",
    "map", "math", "nav", "noscript", "object", "option", "script", "select", "style", "svg",
    "template", "video",
})  # fmt: skip
_BLOCKS: Final = _HEADINGS | frozenset({
    "address", "article", "blockquote", "body", "dd", "details", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "header", "hr", "html", "li", "main", "ol", "p", "pre", "section",
    "summary", "table", "tbody", "td", "textarea", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
_VERBATIM: Final = frozenset({"pre", "textarea"})
# Words of class and id by which pages name what surrounds their content.
_BOILERPLATE: Final = re.compile(
    r"(?:^|[\s_-])(?:cookies?|consent|newsletter|subscribe|sidebar|breadcrumbs?|share|social|"
    r"advert\w*|ads|promo|popup|modal|skip-link|related(?:-posts)?|comments)(?:$|[\s_-])"
)
_BOILERPLATE_ROLES: Final = frozenset({"navigation", "banner", "contentinfo", "search", "dialog"})
_SPACES: Final = re.compile(r"[ \t\n\r\f\v\u00a0]+")
# A content element must hold this share of a page's text to stand for the page.
_MAIN_SHARE: Final = 0.5


def read_html(data: bytes, *, charset: str | None = None) -> Source:
    """Return the title and main content of a page, in the order in which it is written.

    Raises:
        ValueError: it holds no markup and no text.
    """
    root = _parse(data, charset)
    if root is None:
        raise ValueError("the page is empty")
    title = root.findtext(".//title") or ""
    walker = _Walker(Writer(title=_flat(storable(title))[:300]))
    walker.walk(_content(root))
    return walker.writer.finish()


def _parse(data: bytes, charset: str | None) -> Any:
    etree: Any = import_module("lxml.etree")  # only the reading process needs it
    parser = etree.HTMLParser(
        encoding=_known(charset), no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(data, parser)
    except etree.LxmlError as error:
        raise ValueError("the page cannot be parsed") from error


def _known(charset: str | None) -> str | None:
    try:
        "".encode(charset or "")
    except (LookupError, ValueError):
        return None
    return charset


def _content(root: Any) -> Any:
    """Return the element that the page itself names as its content, else the whole page."""
    whole = _weigh(root)
    for path in (".//main", ".//*[@role='main']", ".//article"):
        found = root.find(path)
        if found is not None and _weigh(found) > whole * _MAIN_SHARE:
            return found
    return root


def _weigh(element: Any) -> int:
    return sum(len(text) for text in element.itertext())


def _flat(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


class _Walker:
    """Walks a tree without recursion, as pages may nest as deep as they like."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self._inline: list[str] = []
        self._kinds: list[BlockKind] = ["paragraph"]
        self._hints: list[str] = [""]
        self._marks: list[str] = []
        self._verbatim = 0

    def walk(self, root: Any) -> None:
        """Write the blocks of an element."""
        for phase, element in _events(root):
            if phase == "start":
                self._start(element)
                self._take(element.text or "")
            elif phase == "end":
                self._end(element)
            else:
                self._take(element.tail or "")
        self._flush()

    def _start(self, element: Any) -> None:
        tag = element.tag
        if tag == "br":
            self._inline.append("\n")
        if tag not in _BLOCKS:
            return
        self._flush()
        self._kinds.append(self._kind(tag))
        own = _names(element)
        self._hints.append(f"{self._hints[-1]} {own}".strip() if tag in _VERBATIM else own)
        if tag == "li":
            self._marks.append("- ")
        self._verbatim += tag in _VERBATIM

    def _end(self, element: Any) -> None:
        tag = element.tag
        if tag not in _BLOCKS:
            if tag == "code" and self._verbatim:
                self._hints[-1] = f"{self._hints[-1]} {_names(element)}".strip()
            return
        self._flush()
        self._kinds.pop()
        self._hints.pop()
        if tag == "li" and self._marks:
            self._marks.pop()
        self._verbatim -= tag in _VERBATIM

    def _kind(self, tag: str) -> BlockKind:
        if tag in _HEADINGS:
            return "heading"
        if tag in _VERBATIM:
            return "code"
        if tag == "blockquote":
            return "quote"
        if tag in {"li", "dt", "dd"}:
            return "item"
        inherited = self._kinds[-1]
        return inherited if inherited in {"item", "quote"} and tag in {"p", "div"} else "paragraph"

    def _take(self, text: str) -> None:
        self._inline.append(text if self._verbatim else _SPACES.sub(" ", text))

    def _flush(self) -> None:
        text = storable("".join(self._inline))
        self._inline.clear()
        if self._verbatim:
            text = text.strip("\n").rstrip()
        else:
            text = "\n".join(line for raw in text.split("\n") if (line := _flat(raw)))
        kind = self._kinds[-1]
        before = {"heading": "# ", "item": "- "}.get(kind, "")
        self.writer.add(kind, text, before=before, hint=self._hints[-1])


def _events(root: Any) -> Iterator[tuple[_Phase, Any]]:
    """Yield each element at its start, its end and the text after it, without what is dropped."""
    waiting: list[tuple[_Phase, Any]] = [("end", root), ("start", root)]
    while waiting:
        phase, element = waiting.pop()
        yield phase, element
        if phase != "start":
            continue
        for child in reversed(element):
            waiting.append(("tail", child))
            if isinstance(child.tag, str) and not _is_dropped(child):
                waiting.append(("end", child))
                waiting.append(("start", child))


def _names(element: Any) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}".strip().lower()[:200]


def _is_dropped(element: Any) -> bool:
    if element.tag in _DROPPED or element.get("hidden") is not None:
        return True
    if element.get("aria-hidden") == "true" or element.get("role") in _BOILERPLATE_ROLES:
        return True
    return element.tag not in {"main", "article", "body", "html"} and bool(
        _BOILERPLATE.search(_names(element))
    )
