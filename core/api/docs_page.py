"""Own the documentation page and the schema it shows; every asset is served from here."""

import asyncio
import gzip
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

# swagger-ui-dist (Apache-2.0), kept compressed; LICENSE and NOTICE stand beside it.
FOLDER: Final = Path(__file__).parent / "static" / "swagger-ui"
ASSETS: Final = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "start.js": "text/javascript",
}
# The page runs our two scripts and talks to this server only; Swagger UI sets inline styles.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>PromptHub REST API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""


def add_to(api: FastAPI, describe: Callable[[], bytes]) -> None:
    """Add `/docs` with its assets and `/openapi.json`, described when it is asked for."""

    async def show_schema(_request: Request) -> Response:
        return Response(await asyncio.to_thread(describe), media_type="application/json")

    api.add_route("/openapi.json", show_schema, include_in_schema=False)
    api.add_route("/docs", _show_page, include_in_schema=False)
    api.add_route("/docs/{name}", _send_asset, include_in_schema=False)


async def _show_page(_request: Request) -> Response:
    return HTMLResponse(PAGE, headers={"Content-Security-Policy": POLICY})


async def _send_asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in ASSETS:
        raise HTTPException(404)
    headers = {"Cache-Control": "public, max-age=86400", "Vary": "Accept-Encoding"}
    packed = _packed(name)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(packed, headers=headers, media_type=ASSETS[name])
    return Response(gzip.decompress(packed), headers=headers, media_type=ASSETS[name])


@cache
def _packed(name: str) -> bytes:
    """Return an asset compressed; they are few, small and never change."""
    stored = FOLDER / f"{name}.gz"
    if stored.exists():
        return stored.read_bytes()
    return gzip.compress((FOLDER.parent / name).read_bytes())
