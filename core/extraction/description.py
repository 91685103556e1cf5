"""Own what a model says of a found text: its words, held against a strict form, and their place.

The text itself is no part of the form: a model cannot change what was found.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from core.documents import SourceText
from core.errors import Invalid
from core.prompts.naming import Tag
from core.values import strict_json
from core.values.body import Text
from core.values.fields import FieldName, RequiredField, fits
from core.values.line import Line
from prompthub.wire.literals import FieldType

MAX_ANSWER_BYTES: Final = 256 * 1024
MAX_TAGS: Final = 8
_NAME: Final = Field(min_length=1, max_length=80)


class SaidField(BaseModel):
    """What a model says of a variable."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: FieldName
    type: FieldType = "string"
    description: Annotated[Line, Field(max_length=300)] = ""


class Said(BaseModel):
    """What a model says of one text; `by` is the model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[Line, _NAME]
    description: Annotated[Text, Field(max_length=500)] = ""
    tags: Annotated[tuple[Tag, ...], Field(max_length=MAX_TAGS)] = ()
    fields: tuple[SaidField, ...] = Field(default=(), max_length=100)
    by: str = ""


class _Numbered(Said):
    id: int


_ROWS: Final = TypeAdapter(list[Any])


def read_answer(answer: str, *, by: str) -> dict[int, Said]:
    """Return what an answer says, by the number of the text; what breaks the form is left out.

    Around the JSON array may be chatter and fences.
    """
    array = answer[answer.find("[") : answer.rfind("]") + 1]
    if not array or len(array.encode()) > MAX_ANSWER_BYTES:
        return {}
    try:
        rows = _ROWS.validate_python(strict_json.parse(array.encode()))
    except (Invalid, ValidationError):
        return {}
    said: dict[int, Said] = {}
    for row in rows:
        try:
            one = _Numbered.model_validate(row)
        except ValidationError:
            continue
        fields = {**one.model_dump(exclude={"id", "by"}), "by": by}
        said.setdefault(one.id, Said.model_validate(fields))
    return said


def key_of(start: int, end: int) -> str:
    """Return the name of a stretch of a source."""
    return f"{start}-{end}"


def find_said(source: SourceText, start: int, end: int) -> Said | None:
    """Return what a model said of a stretch, None when none was asked."""
    row = source.described.get(key_of(start, end))
    return None if row is None else Said.model_validate(row)


def described_fields(
    said: Said | None, fields: Iterable[RequiredField]
) -> tuple[RequiredField, ...]:
    """Return the fields that the rules found, with the types and words of a model.

    Fields that the text does not have are left out, and so are types that its defaults do not fit.
    """
    known = {one.name: one for one in said.fields} if said else {}
    return tuple(_described(field, known.get(field.name)) for field in fields)


def _described(field: RequiredField, said: SaidField | None) -> RequiredField:
    if said is None:
        return field
    is_fitting = field.default is None or fits(said.type, field.default)
    changes = {"description": said.description, "type": said.type if is_fitting else field.type}
    return field.model_copy(update=changes)


def to_rows(said: Sequence[tuple[str, Said]]) -> dict[str, Any]:
    """Return the fields of a source that keep what was said."""
    return {f"described.{key}": one.model_dump(mode="json") for key, one in said}
