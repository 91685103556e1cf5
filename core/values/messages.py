"""Own chat messages as they are sent to a model."""

from pydantic import BaseModel, ConfigDict

from prompthub.wire.literals import MessageRole


class Message(BaseModel):
    """One message: plain text with a role."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: MessageRole
    content: str
