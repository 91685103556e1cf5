"""Own what every stored document shares: times, and a revision for optimistic locking."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Self, cast

from beanie import Document
from beanie.odm.fields import PydanticObjectId
from bson import ObjectId
from pydantic import ConfigDict, Field
from pymongo import ASCENDING, IndexModel, ReturnDocument
from pymongo.asynchronous.collection import AsyncCollection

from core import clock


class Stored(Document):
    """A document with its time of creation.

    `key` is the id of something that has been stored; it exists because `id` is optional
    before the first insert.
    """

    model_config = ConfigDict(extra="ignore")

    id: PydanticObjectId | None = Field(default_factory=PydanticObjectId)  # pyright: ignore[reportIncompatibleVariableOverride, reportGeneralTypeIssues]
    created_at: datetime = Field(default_factory=clock.now)

    @classmethod
    def collection(cls) -> AsyncCollection[dict[str, Any]]:
        """The driver's collection, for what Beanie has no word for."""
        return cast(
            "AsyncCollection[dict[str, Any]]",
            cls.get_pymongo_collection(),  # pyright: ignore[reportUnknownMemberType]
        )

    @classmethod
    async def find_first(cls, query: Mapping[str, Any]) -> Self | None:
        """Return a document that matches, None when there is none.

        It does what Beanie's `find_one` does at a fraction of the cost, for what every request
        asks.
        """
        row = await cls.collection().find_one(query)
        return None if row is None else cls.model_validate(row)

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

    @classmethod
    async def change_one(cls, old: Mapping[str, Any], fields: Mapping[str, Any]) -> Self | None:
        """Set `fields` on the one document that still matches `old` and return it as it is then.

        This is the compare-and-set of the house: None means that nothing matched and nothing
        changed.
        """
        after = await cls.collection().find_one_and_update(
            old, changed(**fields), return_document=ReturnDocument.AFTER
        )
        return None if after is None else cls.model_validate(after)


class Audited(Changing):
    """A document that carries the audit events of its changes until `core.audit` has moved them."""

    unrecorded: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]], repr=False)


# Only the few documents that carry an event just now are in it.
UNRECORDED: Final = IndexModel(
    [("unrecorded._id", ASCENDING)],
    name="unrecorded",
    partialFilterExpression={"unrecorded._id": {"$exists": True}},
)


def changed(**fields: Any) -> dict[str, Any]:
    """Return the update that sets `fields`, the time of change and the next revision."""
    return {"$set": {**fields, "updated_at": clock.now()}, "$inc": {"revision": 1}}
