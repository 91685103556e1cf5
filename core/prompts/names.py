"""Own the names of many prompts at once, for lists of what was done to them."""

from collections.abc import Iterable

from bson import ObjectId

from core.documents import Prompt
from core.values.scope import Scope


async def find_prompt_ids(
    scope: Scope, keys: Iterable[ObjectId]
) -> dict[ObjectId, tuple[str, ObjectId]]:
    """Return the id by which a prompt is fetched and its application, of those the caller sees."""
    wanted = {"_id": {"$in": list(set(keys))}, **scope.visible()}
    rows = Prompt.collection().find(wanted, {"prompt_id": 1, "application_id": 1})
    return {row["_id"]: (row["prompt_id"], row["application_id"]) async for row in rows}
