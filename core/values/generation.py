"""Own the parameters of generation that a version freezes and a request may override."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

StopSequence = Annotated[str, Field(min_length=1, max_length=200)]


class ModelParams(BaseModel):
    """Sampling parameters; None leaves the provider's default. Bounds are OpenAI's.

    Source: OpenAI API reference, chat completions.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, ge=1, le=1_000_000)
    top_p: float | None = Field(default=None, ge=0, le=1)
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)
    stop: tuple[StopSequence, ...] | None = Field(default=None, max_length=4)
    seed: int | None = Field(default=None, ge=-(2**63), le=2**63 - 1)

    def overridden_by(self, other: "ModelParams | None") -> "ModelParams":
        """Return these parameters with every one that `other` sets taken from it."""
        if other is None:
            return self
        return self.model_copy(update=other.model_dump(exclude_none=True))
