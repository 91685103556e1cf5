"""Own the `/v1/embeddings` of the fake provider: vectors made of words, and every fault by name.

An ordinary model answers 16 dimensions, or as many as are asked for; two texts are near when they
share words. `fault-...` names answer something else than they should.
"""

import asyncio
import hashlib
import math
from typing import Any

import orjson
from starlette.responses import Response

DIMENSIONS = 16
# Named by the fault: the whole answer.
RAW_ANSWERS: dict[str, bytes] = {
    "fault-no-json": b"<html>busy</html>",
    "fault-no-data": b'{"data": null}',
    "fault-a-list": b"[1, 2]",
    "fault-words": b'{"data": [{"index": 0, "embedding": ["a", "b"]}]}',
    "fault-nan": b'{"data": [{"index": 0, "embedding": [NaN, 1]}]}',
    "fault-huge": b'{"data": [{"index": 0, "embedding": [1e999, 1]}]}',
    "fault-zero": b'{"data": [{"index": 0, "embedding": [0, 0]}]}',
    "fault-nested": b'{"data": [{"index": 0, "embedding": [[1], [2]]}]}',
    "fault-twice": b'{"data": [{"index": 0, "embedding": [1]}, {"index": 0, "embedding": [1]}]}',
    "fault-endless": b" " * (17 * 1024 * 1024),
}
STATUSES = {"fault-401": 401, "fault-404": 404, "fault-500": 500, "fault-429": 429}


async def answer(body: dict[str, Any], *, asked: int) -> Response:
    """Answer a request; `asked` counts those of this model, this one included."""
    model: str = body["model"]
    if model in RAW_ANSWERS:
        return Response(RAW_ANSWERS[model], media_type="application/json")
    if model in STATUSES:
        return Response(b'{"error": "PROVIDER-RAW-TEXT"}', status_code=STATUSES[model])
    if model == "fault-redirect":
        return Response(status_code=307, headers={"location": "/elsewhere"})
    if model == "fault-500-once" and asked == 1:
        return Response(status_code=500)
    if model == "fault-slow":
        await asyncio.sleep(5)
    if any("UNSPEAKABLE" in text for text in body["input"]):
        return Response(b'{"error": "PROVIDER-RAW-TEXT"}', status_code=400)
    dimensions = int(body.get("dimensions") or DIMENSIONS)
    if model == "fault-shrinks" and asked > 1:
        dimensions -= 1
    rows = [
        {"object": "embedding", "index": at, "embedding": vector_of(text, dimensions)}
        for at, text in enumerate(body["input"])
    ]
    # Nothing in the protocol says that the rows come in order.
    return Response(orjson.dumps({"object": "list", "data": rows[::-1]}))


def vector_of(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """Return the sum of a direction per word, three times as long as it should be."""
    total = [1e-3] * dimensions
    for word in text.casefold().split():
        digest = hashlib.shake_128(word.encode("utf-8", "replace")).digest(dimensions)
        total = [a + b - 127.5 for a, b in zip(total, digest, strict=True)]
    length = math.hypot(*total)
    return [3 * number / length for number in total]
