"""Own the executions that show an anomaly."""

from collections.abc import Mapping
from typing import Any, Final

from bson import ObjectId

from core.documents import Anomaly, ExecutionLog
from prompthub.wire.literals import AnomalyMeasure

MAX_EXAMPLES: Final = 5

# Which runs are meant, and by what the plainest come first.
_SHOWN: Final[Mapping[AnomalyMeasure, tuple[dict[str, Any], str]]] = {
    "tokens": ({"status": "success"}, "token_count"),
    "cost": ({"status": "success"}, "cost_usd"),
    "latency": ({"status": "success"}, "latency_ms"),
    "errors": ({"status": {"$in": ["failed", "timeout"]}}, "created_at"),
    "blocks": ({"status": "blocked"}, "created_at"),
}


def rows_of(anomaly: Anomaly) -> dict[str, Any]:
    """Return the query of the rows of the version on the model."""
    return {
        "application_id": anomaly.application_id,
        "prompt_version_id": anomaly.prompt_version_id,
        "model_provider": anomaly.provider,
        "model_name": anomaly.model,
    }


async def find_examples(anomaly: Anomaly) -> list[ObjectId]:
    """Return the executions that show it best: the longest, dearest, slowest, or the last."""
    kind, order = _SHOWN[anomaly.measure]
    # Where it is less than usual, the least show it.
    direction = -1 if anomaly.observed > anomaly.expected else 1
    span = {"$gte": anomaly.started_at, "$lt": anomaly.last_seen_at}
    rows = await ExecutionLog.collection().aggregate(
        [
            {"$match": {**rows_of(anomaly), **kind, "created_at": span}},
            {"$project": {order: 1}},
            {"$sort": {order: direction, "_id": -1}},
            {"$limit": MAX_EXAMPLES},
        ]
    )
    return [row["_id"] async for row in rows]
