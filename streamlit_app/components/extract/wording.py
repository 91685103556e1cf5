"""Own how sources are named on pages."""

from typing import Final, Protocol
from urllib.parse import urlsplit

from prompthub.wire.literals import SourceType
from streamlit_app.formats import counted, plain

MAX_TITLE: Final = 90
_TYPES: Final[dict[SourceType, str]] = {
    "web": ":blue-badge[:material/language: Web page]",
    "pdf": ":orange-badge[:material/picture_as_pdf: PDF]",
    "manual": ":gray-badge[:material/content_paste: Pasted]",
}


class Described(Protocol):
    """What names a source."""

    @property
    def title(self) -> str:
        """The title, empty where it has none."""
        ...

    @property
    def source_url(self) -> str:
        """The address, empty where it has none."""
        ...


def type_badge(kind: SourceType) -> str:
    """Return the badge of where a source came from."""
    return _TYPES[kind]


def title_of(source: Described) -> str:
    """Return what a source is called, as plain text that fits a line."""
    called = " ".join(source.title.split()) or source.source_url or "Pasted text"
    return called if len(called) <= MAX_TITLE else called[: MAX_TITLE - 1].rstrip() + "\u2026"


def address_link(source: Described) -> str:
    """Return the address as markdown, or nothing; a web address opens outside in a new tab."""
    address = source.source_url
    if urlsplit(address).scheme not in {"http", "https"}:
        return ""
    shown = address.partition("://")[2].rstrip("/")
    shown = shown if len(shown) <= MAX_TITLE else shown[: MAX_TITLE - 1] + "\u2026"
    # What would end the link early is written in its escaped form.
    target = address.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
    target = target.replace("<", "%3C").replace(">", "%3E").replace("\\", "%5C")
    return f"[{plain(shown)}]({target})"


def size_of(characters: int, pages: int) -> str:
    """Return how much text a source holds."""
    if pages:
        return counted(pages, "page")
    return counted(characters, "character")
