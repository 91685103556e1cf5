"""Own the step that tells each rating the application it is of."""

from typing import Any

from pymongo.asynchronous.database import AsyncDatabase


async def tell_application(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Copy the application of what was rated into the rating; one whose target is gone has none."""
    found = {"$ifNull": ["$run.application_id", "$prompt.application_id"]}
    steps: list[dict[str, Any]] = [
        {"$match": {"application_id": None}},
        *_look_up("execution_logs", "execution_id", "run"),
        *_look_up("prompt_versions", "prompt_version_id", "version"),
        *_look_up("prompts", "version.prompt_id", "prompt"),
        {"$project": {"application_id": found}},
        {"$match": {"application_id": {"$ne": None}}},
        {"$merge": {"into": "feedback", "on": "_id", "whenNotMatched": "discard"}},
    ]
    await (await database["feedback"].aggregate(steps)).to_list()


def _look_up(collection: str, key: str, name: str) -> list[dict[str, Any]]:
    lookup = {"from": collection, "localField": key, "foreignField": "_id", "as": name}
    return [{"$lookup": lookup}, {"$set": {name: {"$first": f"${name}"}}}]
