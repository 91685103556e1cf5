"""Own the shapes of remarks on a version and of its rewrite by a model."""

from typing import Literal

from prompthub.wire.base import Answer, Id, Request
from prompthub.wire.versions import Change, RenderedMessage, VersionBody


class Position(Answer):
    """A place in `field`, counted from 1; in `required_fields` the line counts the fields."""

    line: int
    column: int


class Finding(Answer):
    """One remark on a version."""

    code: str
    severity: Literal["error", "warning", "info"]
    field: str
    position: Position
    message: str
    remedy: str


class Validation(Answer):
    """All remarks; `rendered` are the messages with sample values, null where that fails."""

    findings: list[Finding]
    rendered: list[RenderedMessage] | None


class BoostRequest(Request):
    """How to rewrite: `model` is connection/model, `instruction` says what to change."""

    model: str | None = None
    instruction: str = ""


class Boosted(Answer):
    """A rewrite that can be saved as it is, what it changes, and the execution that made it."""

    proposal: VersionBody
    diff: list[Change]
    execution_id: Id
