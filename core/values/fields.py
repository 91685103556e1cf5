"""Own required fields: the declared variables of a version, and which values fit them."""

import math
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from prompthub.wire.literals import FieldType

# A Jinja2 name; no leading underscore, so that no dunder can be spelt through a variable.
FieldName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]

# BSON stores no larger integers.
MIN_INTEGER: Final = -(2**63)
MAX_INTEGER: Final = 2**63 - 1

# In this order, for bool is a kind of int.
_TYPE_NAMES: Final[tuple[tuple[type | tuple[type, ...], FieldType], ...]] = (
    (bool, "boolean"),
    ((int, float), "number"),
    (str, "string"),
    ((list, tuple), "array"),
    (dict, "object"),
)


class RequiredField(BaseModel):
    """One declared variable of a prompt version; a `default` of None means there is none."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: FieldName
    type: FieldType = "string"
    required: bool = True
    description: str = Field(default="", max_length=1000)
    default: Any = None


def is_storable_number(value: float) -> bool:
    """Whether a number is finite and, as an integer, fits 64 bits."""
    if isinstance(value, int):
        return MIN_INTEGER <= value <= MAX_INTEGER
    return math.isfinite(value)


def name_type(value: object) -> str:
    """Return the word people know the type of a value by; Python's name for foreign objects."""
    if value is None:
        return "null"
    kind: type = type(value)
    known = (name for kinds, name in _TYPE_NAMES if issubclass(kind, kinds))
    return next(known, kind.__name__)


def fits(expected: FieldType, value: object) -> bool:
    """Whether a plain value is of the declared type; booleans are not numbers."""
    return name_type(value) == expected
