"""Own sources: take in a page, a file or a text once per application, and read it again."""

import asyncio
import hashlib
import zlib
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import timedelta
from typing import Any, Final, NamedTuple

from bson import ObjectId
from pymongo import ReturnDocument

from core import clock
from core.documents import Application, SourceText
from core.documents.base import changed
from core.errors import Conflict, Invalid, NotFound
from core.extraction.description import Said, described_fields, find_said
from core.extraction.fetch import Fetched, Fetcher
from core.extraction.manners import Manners
from core.extraction.markers import to_template
from core.extraction.propose import EXTRACTED_BY, Proposal
from core.extraction.reading import Read, Reader
from core.settings import ExtractionSettings
from core.values.fields import RequiredField
from core.values.scope import Scope
from prompthub.wire.literals import ProposalKind, Role, SourceType

PDF: Final = "application/pdf"
_PLAIN: Final = frozenset({"text/plain", "text/markdown", "text/x-markdown"})
MAX_TITLE: Final = 300
# What nobody saved a prompt from goes after so long: no sooner than the job that fetched it.
KEPT_UNSAVED: Final = timedelta(days=30)
SWEPT_AT_ONCE: Final = 1_000


class Extractor:
    """What extraction works with: one per process."""

    def __init__(self, settings: ExtractionSettings, fetcher: Fetcher | None = None) -> None:
        self.settings = settings
        self.fetcher = fetcher or Fetcher(settings)
        self.reader = Reader(seconds=settings.read_seconds)
        self.manners = Manners(settings, self.fetcher)
        # Jobs read one at a time, so that who waits for a page is not behind eight of theirs.
        self._job_turn = asyncio.Semaphore(1)

    async def read_page(self, url: str, *, politely: bool = False) -> tuple[Read, SourceType, str]:
        """Fetch an address and read what is there; the last is where it was in the end.

        Raises:
            AddressRefused, FetchFailed, FetchTimeout: it may not, or cannot be fetched.
            SourceUnreadable: there is nothing to read.
        """
        page = await self.fetcher.fetch(url, before=self.manners.wait if politely else None)
        async with self._job_turn if politely else nullcontext():
            return await self._read(page)

    async def _read(self, page: Fetched) -> tuple[Read, SourceType, str]:
        if page.media_type == PDF:
            return await self.reader.read("pdf", page.data, field="url"), "pdf", page.url
        kind = "plain" if page.media_type in _PLAIN else "html"
        read = await self.reader.read(kind, page.data, charset=page.charset or "", field="url")
        return read, "web", page.url


class Found(NamedTuple):
    """A proposal as people see it: the text as found, and the template it could become.

    Where a model was asked, `described_by` names it: name, description and tags are its words, and
    so are the types and descriptions of the fields.
    """

    start: int
    end: int
    page: int | None
    text: str
    name: str
    kind: ProposalKind
    confidence: float
    content: str
    fields: tuple[RequiredField, ...]
    description: str = ""
    tags: tuple[str, ...] = ()
    described_by: str = ""


async def take_page(
    scope: Scope, application_id: ObjectId, url: str, by: Extractor, *, politely: bool = False
) -> SourceText:
    """Fetch a page and store what was read.

    What is fetched in numbers is fetched `politely`: in turn, and where robots.txt allows it.

    Raises:
        NotFound, NotAllowed, Conflict: the application is not the caller's to write to.
        AddressRefused, FetchFailed, SourceUnreadable: as `Extractor.read_page` says.
    """
    await require_editor(scope, application_id)
    read, kind, final = await by.read_page(url, politely=politely)
    return await _store(scope, application_id, read, source_type=kind, source_url=final)


async def take_file(
    scope: Scope, application_id: ObjectId, data: bytes, by: Extractor, *, name: str = ""
) -> SourceText:
    """Read a PDF file and store what was read.

    Raises:
        NotFound, NotAllowed, Conflict: the application is not the caller's to write to.
        SourceUnreadable: it cannot be read, and why.
    """
    await require_editor(scope, application_id)
    read = await by.reader.read("pdf", data, field="file")
    return await _store(scope, application_id, read, source_type="pdf", title=name)


async def take_text(
    scope: Scope, application_id: ObjectId, text: str, by: Extractor, *, title: str = ""
) -> SourceText:
    """Store a text that somebody pasted.

    Raises:
        NotFound, NotAllowed, Conflict: the application is not the caller's to write to.
        SourceUnreadable: there is no text in it, or too much.
    """
    await require_editor(scope, application_id)
    read = await by.reader.read("plain", text.encode("utf-8", "replace"), field="text")
    return await _store(scope, application_id, read, source_type="manual", title=title)


async def get_source(scope: Scope, source_id: ObjectId, *, role: Role = "viewer") -> SourceText:
    """Return a source of an application in which the caller holds at least the role.

    Raises:
        NotFound, NotAllowed: there is none for the caller.
    """
    scope.refuse_application()
    source = await SourceText.find_first({"_id": source_id})
    if source is None:
        raise NotFound("source", str(source_id))
    scope.require(role, source.application_id, kind="source", key=str(source_id))
    return source


async def read_text(source: SourceText) -> str:
    """Return the whole text of a source."""
    return await asyncio.to_thread(_unpack, source.packed)


async def list_found(source: SourceText, text: str) -> list[Found]:
    """Return the proposals of a source, in its order."""
    return await asyncio.to_thread(_show, source, text)


def page_of(pages: Sequence[int], at: int) -> int | None:
    """Return the page, counted from 1, on which a character stands; None without pages."""
    return sum(start <= at for start in pages) or None


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


async def sweep_sources() -> int:
    """Delete sources that nobody saved a prompt from; returns how many."""
    old = {"is_saved": False, "fetched_at": {"$lt": clock.now() - KEPT_UNSAVED}}
    rows = await SourceText.collection().find(old, {"_id": 1}).to_list(SWEPT_AT_ONCE)
    gone = await SourceText.collection().delete_many(
        {"_id": {"$in": [row["_id"] for row in rows]}, **old}
    )
    return gone.deleted_count


async def require_editor(scope: Scope, application_id: ObjectId) -> None:
    """Pass for who may take sources in for an application.

    Raises:
        NotFound, NotAllowed, Conflict: the application is not the caller's to write to.
    """
    scope.require("editor", application_id, kind="application", key=str(application_id))
    application = await Application.get(application_id)
    if application is None:
        raise NotFound("application", str(application_id))
    if not application.is_active:
        raise Conflict("The application is not active; restore it first.")


async def _store(
    scope: Scope,
    application_id: ObjectId,
    read: Read,
    *,
    source_type: SourceType,
    source_url: str = "",
    title: str = "",
) -> SourceText:
    """Store what was read, or find it again; rules that are newer than the stored ones win."""
    if len(title) > MAX_TITLE:
        raise Invalid("The title is too long.", field="title", remedy="Shorten it.")
    packed, digest = await asyncio.to_thread(_pack, read.text)
    fields: dict[str, Any] = {
        "source_type": source_type,
        "source_url": source_url,
        "title": title or read.title,
        "characters": len(read.text),
        "pages": list(read.pages),
        "found": [list(one) for one in read.proposals],
        "extracted_by": EXTRACTED_BY,
        "fetched_at": clock.now(),
    }
    new = {
        "created_at": clock.now(),
        "packed": packed,
        "created_by": scope.actor,
        "is_saved": False,
    }
    after = await SourceText.collection().find_one_and_update(
        {"application_id": application_id, "content_digest": digest},
        {**changed(**fields), "$setOnInsert": new},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    return SourceText.model_validate(after)


def _pack(text: str) -> tuple[bytes, str]:
    return zlib.compress(text.encode(), 6), digest_of(text)


def _unpack(packed: bytes) -> str:
    return zlib.decompress(packed).decode()


def _show(source: SourceText, text: str) -> list[Found]:
    found: list[Found] = []
    for one in (Proposal(*row) for row in source.found):
        stretch = text[one.start : one.end]
        template = to_template(stretch, is_wrapped=one.is_wrapped)
        page = page_of(source.pages, one.start)
        said = find_said(source, one.start, one.end) or Said(name=one.name)
        found.append(
            Found(
                one.start, one.end, page, stretch, said.name, one.kind, one.confidence,
                template.content, described_fields(said, template.fields), said.description,
                said.tags, said.by,
            )
        )  # fmt: skip
    return found
