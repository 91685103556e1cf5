"""Own reading prompts from JSON Lines, one object with `id`, `name` and `content` per line."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError

from core.errors import Invalid, TemplateInvalid
from core.prompts.bulk import PromptRecord
from core.templates.check import check_template, escape_plain
from core.values.body import VersionBody

SOURCE_FIELDS = ("source_repo", "source_path", "source_commit", "license")


def read_records(lines: Iterable[bytes]) -> Iterator[PromptRecord]:
    """Yield a record per line that is not blank.

    A text that is no valid template (stray braces) is kept to the letter by escaping it.

    Raises:
        Invalid: a line is no JSON object, or lacks or breaks a field; the line is named.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _to_record(number, line)


class Reading(NamedTuple):
    """What a file holds: the records that can be brought in, and what is wrong with other lines."""

    records: list[PromptRecord]
    problems: list[Invalid]


def read_leniently(lines: Iterable[bytes]) -> Reading:
    """Read every line that can be read, and say for each other one what is wrong with it."""
    reading = Reading([], [])
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            reading.records.append(_to_record(number, line))
        except Invalid as error:
            reading.problems.append(error)
    return reading


def _to_record(number: int, line: bytes) -> PromptRecord:
    try:
        row: dict[str, Any] = orjson.loads(line)
        return PromptRecord(
            key=row["id"],
            name=row["name"],
            description=row.get("description", ""),
            tags=tuple(tag for tag in (row.get("kind"), *row.get("tags", ())) if tag),
            folder=row.get("folder", ""),
            body=VersionBody(content=_as_template(row["content"])),
            metadata={name: row[name] for name in SOURCE_FIELDS if name in row},
        )
    except KeyError as error:
        raise Invalid(f"Line {number} has no {error}.", field=str(error)) from None
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise Invalid(f"Line {number}: {place} {error.errors()[0]['msg']}.", field=place) from None
    except (orjson.JSONDecodeError, AttributeError, TypeError):
        raise Invalid(
            f"Line {number} is no JSON object.",
            field="file",
            remedy="Write one JSON object per line.",
        ) from None


def _as_template(text: str) -> str:
    if "${{" in text:  # expressions of CI systems, which are text for a model
        return escape_plain(text)
    try:
        check_template(text, field="content")
    except TemplateInvalid:
        return escape_plain(text)
    return text
