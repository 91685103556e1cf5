"""Own the stored source: the text that prompts were found in, and where they stand in it."""

from datetime import datetime
from typing import Any

from pydantic import Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from core import clock
from core.documents.base import Changing
from core.values.ids import Id
from prompthub.wire.literals import SourceType

_LISTED = [
    ("fetched_at", DESCENDING),
    ("_id", DESCENDING),
    ("title", ASCENDING),
    ("source_url", ASCENDING),
]


class SourceText(Changing):
    """A text that was read, once per application: the same text again is the same source.

    `packed` is the text, compressed; lists leave it out. `source_url` and `fetched_at` are of the
    last time it was read. `found` are the proposals: start, end, name, kind, confidence, wrapped.
    `described` is what a model said of them, by start and end.
    """

    application_id: Id
    content_digest: str
    source_type: SourceType
    source_url: str = ""
    title: str = ""
    characters: int = 0
    packed: bytes = Field(default=b"", repr=False)
    pages: list[int] = Field(default_factory=list[int])
    found: list[list[Any]] = Field(default_factory=list[list[Any]], repr=False)
    described: dict[str, Any] = Field(default_factory=dict[str, Any], repr=False)
    extracted_by: str = ""
    fetched_at: datetime = Field(default_factory=clock.now)
    created_by: str = ""
    is_saved: bool = False

    class Settings:
        name = "source_texts"
        indexes = [
            IndexModel(
                [("application_id", ASCENDING), ("content_digest", ASCENDING)],
                name="application_digest",
                unique=True,
            ),
            IndexModel([("is_saved", ASCENDING), ("fetched_at", ASCENDING)], name="unsaved"),
            # Title and address are in the lists' indexes, as reading texts to search them is slow.
            IndexModel([("application_id", ASCENDING), *_LISTED], name="application_fetched"),
            IndexModel(_LISTED, name="fetched"),
        ]
