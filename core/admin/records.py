"""Own the reading of a file of prompts: one JSON object per line."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import Invalid, TemplateInvalid
from core.prompts.bulk import PromptRecord
from core.templates.check import check_template, escape_plain
from core.templates.variables import find_variables
from core.values.body import VersionBody
from core.values.fields import RequiredField


class Row(BaseModel):
    """One line; `id` makes a repeated import find the same prompt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    content: str
    kind: str = ""
    source_repo: str = ""
    source_path: str = ""
    source_commit: str = ""
    license: str = ""


class Found(NamedTuple):
    """The prompts of a file; `plain` of them are no templates and are kept as literal text."""

    records: list[PromptRecord]
    plain: int


def read_records(path: Path, *, publish: bool) -> Found:
    """Read all prompts of a file.

    The variables of a template are declared as required text; text that is no template, such as
    an example of another template language, is kept to the letter.

    Raises:
        Invalid: the file cannot be read, or a line is no prompt; it is named by its number.
    """
    records: list[PromptRecord] = []
    plain = 0
    for number, line in _iterate_lines(path):
        try:
            row = Row.model_validate_json(line)
            is_template = _is_template(row.content)
            content = row.content if is_template else escape_plain(row.content)
            records.append(_to_record(row, content, publish=publish))
            plain += not is_template
        except ValidationError as error:
            problem = error.errors(include_input=False, include_url=False)[0]
            where = ".".join(map(str, problem["loc"]))
            raise Invalid(
                f"Line {number} of {path} is no prompt: {where} {problem['msg']}.", field="file"
            ) from error
    return Found(records, plain)


def _iterate_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        # Bytes, because text is also split at line ends that JSON allows within a string.
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise Invalid(f"The file {path} cannot be read: {error.strerror}.", field="file") from error
    return ((number, line) for number, line in enumerate(lines, start=1) if line.strip())


def _is_template(content: str) -> bool:
    try:
        check_template(content, field="content")
    except TemplateInvalid:
        return False
    return True


def _to_record(row: Row, content: str, *, publish: bool) -> PromptRecord:
    source = {
        "source_repo": row.source_repo,
        "source_path": row.source_path,
        "source_commit": row.source_commit,
        "license": row.license,
    }
    names = find_variables(content, field="content")
    return PromptRecord(
        key=row.id,
        name=row.name,
        tags=(row.kind,) if row.kind else (),
        body=VersionBody(
            content=content, required_fields=tuple(RequiredField(name=name) for name in names)
        ),
        metadata={name: value for name, value in source.items() if value},
        publish=publish,
    )
