"""Own the finding: what an audit hook noticed about one finished execution."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from core.values.body import Text


class Finding(BaseModel):
    """A stable `code` and a sentence that does not repeat what was sent or answered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(pattern=r"^[a-z0-9_.-]{1,64}$")
    message: Annotated[Text, Field(max_length=500)]
