"""Own what all shapes of the REST API share."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, PlainSerializer, StringConstraints

Item = TypeVar("Item")
Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{24}$")]

# Why somebody did something, kept in the audit trail.
MAX_REASON: Final = 2000
Reason = Annotated[str, StringConstraints(max_length=MAX_REASON)]


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


# UTC with milliseconds: 2026-11-20T10:00:00.000Z
Moment = Annotated[datetime, PlainSerializer(_iso, return_type=str, when_used="json")]
# US dollars, exact inside and a number in JSON.
Usd = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]


class Request(BaseModel):
    """A body that a client sends; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Answer(BaseModel):
    """A body that the server sends; clients must bear fields that are new to them."""

    model_config = ConfigDict(frozen=True)


class Page(Answer, Generic[Item]):
    """One page of a list; `next_cursor` is None on the last one."""

    items: list[Item]
    next_cursor: str | None
    total: int
