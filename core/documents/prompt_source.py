"""Own the stored provenance of a prompt: which source it was found in, and at which stretch."""

from datetime import datetime
from typing import Any

from pydantic import Field
from pymongo import ASCENDING, IndexModel

from core.documents.base import Changing
from core.values.ids import Id
from prompthub.wire.literals import SourceType


class PromptSource(Changing):
    """Where a prompt was found. `prompt_id` is None while the prompt is being made.

    A span is `{page, start, end}`, in characters of the source's text; `page` counts from 1 and is
    None where there are no pages. `checked_at` and `check_state` tell of the last look whether the
    source is still the same.
    """

    application_id: Id
    source_id: Id
    prompt_id: Id | None = None
    version: str = ""
    source_type: SourceType
    source_url: str = ""
    content_digest: str
    span_key: str
    spans: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])
    extracted_by: str = ""
    extraction_metadata: dict[str, Any] = Field(default_factory=dict[str, Any])
    created_by: str = ""
    checked_at: datetime | None = None
    check_state: str = ""

    class Settings:
        name = "prompt_sources"
        indexes = [
            IndexModel(
                [("source_id", ASCENDING), ("span_key", ASCENDING)], name="source_span", unique=True
            ),
            IndexModel([("prompt_id", ASCENDING)], name="prompt_id"),
            IndexModel([("content_digest", ASCENDING)], name="content_digest"),
        ]
