"""Own what every stored document shares: times, and a revision for optimistic locking."""

from datetime import datetime
from typing import Any

from beanie import Document
from beanie.odm.fields import PydanticObjectId
from bson import ObjectId
from pydantic import ConfigDict, Field

from core import clock


class Stored(Document):
    """A document with its time of creation.

    `key` is the id of something that has been stored; it exists because `id` is optional
    before the first insert.
    """

    model_config = ConfigDict(extra="ignore")

    id: PydanticObjectId | None = Field(default_factory=PydanticObjectId)  # pyright: ignore[reportIncompatibleVariableOverride, reportGeneralTypeIssues]
    created_at: datetime = Field(default_factory=clock.now)

    @property
    def key(self) -> ObjectId:
        """The id."""
        if self.id is None:
            msg = "a document without an id was used as if it were stored"
            raise RuntimeError(msg)
        return self.id


class Changing(Stored):
    """A document that can change: each change raises `revision` by one."""

    updated_at: datetime = Field(default_factory=clock.now)
    revision: int = 1


def changed(**fields: Any) -> dict[str, Any]:
    """Return the update that sets `fields`, the time of change and the next revision."""
    return {"$set": {**fields, "updated_at": clock.now()}, "$inc": {"revision": 1}}
