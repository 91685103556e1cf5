"""Own required fields: the declared variables of a version, and binding values to them."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from prompthub.wire.literals import FieldType

# A Jinja2 name; `__` is refused so that no dunder can be spelt through a variable.
FieldName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]


class RequiredField(BaseModel):
    """One declared variable of a prompt version."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: FieldName
    type: FieldType = "string"
    required: bool = True
    description: str = Field(default="", max_length=1000)
    default: Any = None
