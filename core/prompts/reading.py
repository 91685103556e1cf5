"""Own reading prompts from JSON Lines, one object with `id`, `name` and `content` per line."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError

from core.errors import Invalid, TemplateInvalid
from core.prompts.bulk import PromptRecord
from core.templates.check import check_template, escape_plain
from core.templates.variables import find_variables
from core.values.body import VersionBody
from core.values.fields import RequiredField

SOURCE_FIELDS = ("source_repo", "source_path", "source_commit", "license")


class Reading(NamedTuple):
    """What a file holds: the records that can be brought in, and what is wrong with other lines.

    `plain` of the records are no templates and are kept as literal text.
    """

    records: list[PromptRecord]
    problems: list[Invalid]
    plain: int


def read_leniently(lines: Iterable[bytes], *, publish: bool = False) -> Reading:
    """Read every line that can be read, and say for each other one what is wrong with it.

    The variables of a template are declared as required text. A text that is no valid template
    (stray braces) is kept to the letter by escaping it. `publish` marks the records to be served.
    """
    records: list[PromptRecord] = []
    problems: list[Invalid] = []
    plain = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row, is_template = _read_line(number, line)
            records.append(row.model_copy(update={"publish": publish}))
            plain += not is_template
        except Invalid as error:
            problems.append(error)
    return Reading(records, problems, plain)


def _read_line(number: int, line: bytes) -> tuple[PromptRecord, bool]:
    try:
        row: dict[str, Any] = orjson.loads(line)
        is_template = _is_template(row["content"])
        return _to_record(row, is_template=is_template), is_template
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


def _is_template(text: str) -> bool:
    if "${{" in text:  # expressions of CI systems, which are text for a model
        return False
    try:
        check_template(text, field="content")
    except TemplateInvalid:
        return False
    return True


def _to_record(row: dict[str, Any], *, is_template: bool) -> PromptRecord:
    content = row["content"] if is_template else escape_plain(row["content"])
    names = find_variables(content, field="content")
    return PromptRecord(
        key=row["id"],
        name=row["name"],
        description=row.get("description", ""),
        tags=tuple(tag for tag in (row.get("kind"), *row.get("tags", ())) if tag),
        folder=row.get("folder", ""),
        body=VersionBody(
            content=content, required_fields=tuple(RequiredField(name=name) for name in names)
        ),
        metadata={name: row[name] for name in SOURCE_FIELDS if row.get(name)},
    )
