"""Own how versions stand by their ratings: mean, interval, and the last 30 days against before."""

from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

from bson import ObjectId
from pydantic import BaseModel, ConfigDict

from core import clock
from core.documents import Feedback, PromptVersion
from core.values.estimate import Estimate, estimate_rating_sum
from core.values.ids import Id
from core.values.scope import Scope

RECENT: Final = timedelta(days=30)
Order = Literal["last", "worst", "best", "most", "fall"]
_ORDERS: Final[dict[Order, dict[str, int]]] = {
    "last": {"last_at": -1},
    "worst": {"mean": 1, "count": -1},
    "best": {"mean": -1, "count": -1},
    "most": {"count": -1},
    "fall": {"fall": -1},
}


class StandingQuery(BaseModel):
    """Which versions: of one application, or of one prompt (by its document's id)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    application_id: Id | None = None
    prompt_key: Id | None = None
    order: Order = "last"


class Standing(NamedTuple):
    """A version with what all its ratings say, those of the last 30 days, and those before."""

    version_id: ObjectId
    application_id: ObjectId
    prompt_key: ObjectId
    prompt_id: str
    prompt_name: str
    version: str
    rating: Estimate
    recent: Estimate | None
    before: Estimate | None
    last_at: datetime

    @property
    def change(self) -> float | None:
        """How much better the last 30 days were rated than the time before."""
        if self.recent is None or self.before is None:
            return None
        return float(self.recent.mean - self.before.mean)


class StandingPage(NamedTuple):
    """One page of versions, and how many were rated in all."""

    items: list[Standing]
    total: int


async def list_standing(
    scope: Scope, query: StandingQuery, *, skip: int = 0, limit: int = 20
) -> StandingPage:
    """Return one page of the rated versions that the caller may see, by one aggregation.

    Raises:
        NotFound: the application asked for is not visible.
        NotAllowed: an application asks with its key.
    """
    matching = await conditions(scope, query)
    stages = [{"$match": matching}, *_figures(), *_names(), *_page(query.order, skip, limit)]
    (found,) = await (await Feedback.collection().aggregate(stages)).to_list()
    total = found["total"][0]["count"] if found["total"] else 0
    return StandingPage([_standing(row) for row in found["items"]], total)


async def conditions(scope: Scope, query: StandingQuery) -> dict[str, Any]:
    """Return what must hold of ratings of versions that the caller may see.

    Raises:
        NotFound: the application asked for is not visible.
        NotAllowed: an application asks with its key.
    """
    scope.refuse_application()
    wanted: dict[str, Any] = {**scope.visible()}
    if query.application_id is not None:
        key = str(query.application_id)
        scope.require("viewer", query.application_id, kind="application", key=key)
        wanted["application_id"] = query.application_id
    wanted["prompt_version_id"] = {"$ne": None}
    if query.prompt_key is not None:
        wanted["prompt_version_id"] = {"$in": await versions_of(query.prompt_key)}
    return wanted


async def versions_of(prompt_key: ObjectId) -> list[ObjectId]:
    """Return the ids of a prompt's versions."""
    rows = PromptVersion.collection().find({"prompt_id": prompt_key}, {"_id": 1})
    return [row["_id"] async for row in rows]


def _figures() -> list[dict[str, Any]]:
    """Return the stages that count and add up the ratings of each version."""
    is_recent = {"$gte": ["$updated_at", clock.now() - RECENT]}
    recent = {"$divide": ["$recent_sum", "$recent"]}
    before = {
        "$divide": [{"$subtract": ["$sum", "$recent_sum"]}, {"$subtract": ["$count", "$recent"]}]
    }
    both = {"$and": [{"$gt": ["$recent", 0]}, {"$gt": ["$count", "$recent"]}]}
    return [
        {
            "$group": {
                "_id": "$prompt_version_id",
                "application_id": {"$first": "$application_id"},
                "count": {"$sum": 1},
                "sum": {"$sum": "$rating"},
                "recent": {"$sum": {"$cond": [is_recent, 1, 0]}},
                "recent_sum": {"$sum": {"$cond": [is_recent, "$rating", 0]}},
                "last_at": {"$max": "$updated_at"},
            }
        },
        {
            "$set": {
                "mean": {"$divide": ["$sum", "$count"]},
                "fall": {"$cond": [both, {"$subtract": [before, recent]}, -10]},
            }
        },
    ]


def _names() -> list[dict[str, Any]]:
    """Return the stages that name version and prompt; what is gone has no name and no row."""
    return [
        {
            "$lookup": {
                "from": "prompt_versions",
                "localField": "_id",
                "foreignField": "_id",
                "pipeline": [{"$project": {"prompt_id": 1, "version": 1}}],
                "as": "of",
            }
        },
        {"$unwind": "$of"},
    ]


def _page(order: Order, skip: int, limit: int) -> list[dict[str, Any]]:
    prompt = {
        "from": "prompts",
        "localField": "of.prompt_id",
        "foreignField": "_id",
        "pipeline": [{"$project": {"prompt_id": 1, "name": 1}}],
        "as": "prompt",
    }
    items = [
        {"$sort": {**_ORDERS[order], "_id": 1}},
        {"$skip": skip},
        {"$limit": limit},
        {"$lookup": prompt},
        {"$unwind": "$prompt"},
    ]
    return [{"$facet": {"items": items, "total": [{"$count": "count"}]}}]


def _standing(row: dict[str, Any]) -> Standing:
    whole = estimate_rating_sum(row["count"], row["sum"])
    if whole is None:
        raise RuntimeError("a version without ratings was counted")
    return Standing(
        version_id=row["_id"],
        application_id=row["application_id"],
        prompt_key=row["prompt"]["_id"],
        prompt_id=row["prompt"]["prompt_id"],
        prompt_name=row["prompt"]["name"],
        version=row["of"]["version"],
        rating=whole,
        recent=estimate_rating_sum(row["recent"], row["recent_sum"]),
        before=estimate_rating_sum(row["count"] - row["recent"], row["sum"] - row["recent_sum"]),
        last_at=row["last_at"],
    )
