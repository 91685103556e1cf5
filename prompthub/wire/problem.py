"""Own the shape of every error answer (RFC 9457)."""

from pydantic import BaseModel, ConfigDict


class FieldProblem(BaseModel):
    """What is wrong with one field or parameter of a request."""

    field: str
    message: str


class Problem(BaseModel):
    """An `application/problem+json` body; the facts of an error stand beside these members."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str = ""
    remedy: str = ""
    errors: list[FieldProblem] | None = None
