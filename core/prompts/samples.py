"""Own the sample library: real prompts in the public domain, shipped beside this file.

Source: f/awesome-chatgpt-prompts, CC0-1.0; each record names its file and commit. Placeholders
written `${name:default}` there are Jinja2 variables here.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from bson import ObjectId

from core.prompts.bulk import ImportCounts, PromptRecord, import_prompts
from core.values.body import VersionBody
from core.values.scope import Scope

SAMPLES = Path(__file__).parent / "data" / "samples.jsonl"


async def load_samples(
    scope: Scope,
    application_id: ObjectId,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> ImportCounts:
    """Add the sample prompts, published, to an application; those already there stay.

    Raises:
        NotFound, NotAllowed: the application is not the caller's, or the caller is no operator.
    """
    return await import_prompts(scope, application_id, read_samples(), progress=progress)


def read_samples() -> list[PromptRecord]:
    """Return the shipped sample prompts."""
    return [_to_record(orjson.loads(line)) for line in SAMPLES.read_bytes().splitlines()]


def _to_record(row: dict[str, Any]) -> PromptRecord:
    return PromptRecord(
        key=row["key"],
        name=row["name"],
        description=row["description"],
        folder=row["folder"],
        tags=row["tags"],
        body=VersionBody(content=row["content"], required_fields=row["required_fields"]),
        metadata=row["source"],
        publish=True,
    )
