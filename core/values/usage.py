"""Own the token counts of one model call."""

from pydantic import BaseModel, ConfigDict, Field


class Usage(BaseModel):
    """Tokens as the provider reports them; cache and reasoning are parts of the totals."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input_tokens: int = Field(default=0, ge=0, lt=2**31)
    output_tokens: int = Field(default=0, ge=0, lt=2**31)
    cache_read_input_tokens: int = Field(default=0, ge=0, lt=2**31)
    reasoning_output_tokens: int = Field(default=0, ge=0, lt=2**31)
    is_estimated: bool = False

    @property
    def token_count(self) -> int:
        """Input plus output."""
        return self.input_tokens + self.output_tokens
