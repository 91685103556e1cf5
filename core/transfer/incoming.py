"""Own telling what a file of prompts is: an export of ours, or a simple list of prompts."""

import re
from dataclasses import dataclass, field
from typing import Any, Final, cast

import orjson

from core.errors import Invalid
from core.prompts.bulk import PromptRecord
from core.prompts.reading import read_leniently
from core.values import strict_json
from prompthub.wire.transfer import SCHEMA

# An export begins with one of its own members; a line of JSON Lines has an id first or later.
_EXPORT: Final = re.compile(rb'\s*\{\s*"(?:schema|generator|prompts)"')
_LIST: Final = re.compile(rb"\s*\[")
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a file holds: the `prompts` of an export as parsed, or the `records` of a list.

    `problems` are the lines of a list that cannot be read; they are left out.
    """

    is_export: bool
    prompts: tuple[object, ...] = ()
    records: tuple[PromptRecord, ...] = ()
    problems: tuple[Invalid, ...] = field(default=())

    @property
    def count(self) -> int:
        """How many prompts can be looked at."""
        return len(self.prompts) if self.is_export else len(self.records)


def read_file(contents: bytes) -> Incoming:
    """Return what a file holds.

    Raises:
        Invalid: it is empty, broken, or an export of a later version.
    """
    contents = contents.removeprefix(_BOM)
    if not contents.strip():
        raise Invalid("The file is empty.", field="file", remedy="Choose a file with prompts.")
    if is_export(contents):
        return _read_export(_parse(contents))
    lines = contents.splitlines()
    if _LIST.match(contents):
        entries = _parse(contents)
        lines = [orjson.dumps(entry) for entry in cast("list[Any]", entries)]
    found = read_leniently(lines)
    if not found.records and contents.lstrip().startswith(b"{") and not _is_line(lines[0]):
        # One object over several lines.
        found = read_leniently([orjson.dumps(_parse(contents))])
    return Incoming(is_export=False, records=tuple(found.records), problems=tuple(found.problems))


def is_export(contents: bytes) -> bool:
    """Whether a file begins as an export does."""
    return _EXPORT.match(contents) is not None


def _read_export(file: dict[str, Any]) -> Incoming:
    schema = file.get("schema", SCHEMA)
    if schema != SCHEMA:
        raise Invalid(
            f"The file has the schema {schema!s:.20}; this server reads {SCHEMA}.",
            field="schema",
            remedy="Import it into a server of the version that wrote it, or a newer one.",
        )
    prompts = file.get("prompts")
    if not isinstance(prompts, list):
        raise Invalid(
            "The export holds no list of prompts.", field="prompts", remedy="Export it again."
        )
    return Incoming(is_export=True, prompts=tuple(cast("list[object]", prompts)))


def _parse(contents: bytes) -> Any:
    try:
        return strict_json.parse(contents)
    except Invalid as error:
        raise Invalid(
            error.message,
            field="file",
            remedy="Was it cut or edited by hand? Export it again, or correct it there.",
        ) from None


def _is_line(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False
