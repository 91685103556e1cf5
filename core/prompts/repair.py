"""Own the repair of what a process that died half-way left: pointers, and events of the trail."""

from datetime import datetime
from typing import Any

from core import audit
from core.documents import PromptVersion
from core.prompts.publishing import move_current
from core.prompts.versions import remember_newest


async def repair_prompts(since: datetime | None = None) -> int:
    """Complete what saves and publishes left undone; return how many pointers and events moved.

    `since` narrows the look to versions changed after it (the sweeper); without it every version
    is looked at (start-up). Both moves are guarded, so that repeating them does no harm.
    """
    changed: dict[str, Any] = {} if since is None else {"updated_at": {"$gte": since}}
    published = {**changed, "publish_seq": {"$type": "number"}, "makes_current": True}
    behind_publish = await _behind(published, "publish_seq", "publish_seq")
    for version in behind_publish:
        await move_current(version)
    behind_newest = await _behind({**changed, "deleted_at": None}, "sequence", "newest_sequence")
    for version in behind_newest:
        await remember_newest(version)
    return len(behind_publish) + len(behind_newest) + await audit.record_unrecorded()


async def _behind(match: dict[str, Any], mark: str, pointer: str) -> list[PromptVersion]:
    """Return of each prompt the version with the greatest `mark` that its `pointer` misses."""
    cursor = await PromptVersion.collection().aggregate(
        [
            {"$match": match},
            {
                "$group": {
                    "_id": "$prompt_id",
                    "top": {"$top": {"sortBy": {mark: -1}, "output": ["$_id", f"${mark}"]}},
                }
            },
            {
                "$lookup": {
                    "from": "prompts",
                    "localField": "_id",
                    "foreignField": "_id",
                    "as": "prompt",
                }
            },
            {"$unwind": "$prompt"},
            {"$match": {"$expr": {"$gt": [{"$last": "$top"}, f"$prompt.{pointer}"]}}},
        ]
    )
    ids = [row["top"][0] async for row in cursor]
    return await PromptVersion.find({"_id": {"$in": ids}}).to_list()
