"""A FastAPI application that returns one JSON document from memory: what fetching is measured by.

`python -m benchmarks.bare PORT FILE` serves it at `/dict`, written by FastAPI each time, and at
`/bytes`, ready to be sent.
"""

import json
import sys
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.responses import Response


def create_bare(document: bytes) -> FastAPI:
    """Build it."""
    parsed: dict[str, Any] = json.loads(document)
    app = FastAPI()

    @app.get("/dict")
    async def _as_dict() -> dict[str, Any]:
        return parsed

    @app.get("/bytes")
    async def _as_bytes() -> Response:
        return Response(document, media_type="application/json")

    return app


if __name__ == "__main__":
    uvicorn.run(
        create_bare(Path(sys.argv[2]).read_bytes()),
        port=int(sys.argv[1]),
        loop="uvloop",
        access_log=False,
        log_level="warning",
    )
