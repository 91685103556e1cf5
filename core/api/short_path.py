"""Own the short path: an application fetches or renders a version, past routing and validation.

It answers exactly what the ordinary routes answer (`tests/api/test_short_path.py` compares), from
what is kept ready. A request that is not written in the plainest way goes the ordinary way.
"""

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import pymongo
from fastapi.dependencies.utils import request_body_to_args
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic_core import PydanticUndefined
from pymongo.errors import PyMongoError
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from core.accounts.access import leased_scope_of_key
from core.api import versions
from core.api.answers import holds
from core.api.callers import runtime_of
from core.api.problems import answer_error
from core.api.ready import find_answer, render_ready
from core.api.strict_route import DATABASE_SECONDS, StrictRequest
from core.errors import PromptHubError
from core.prompts.catalogue import get_leased_prompt
from prompthub.wire.versions import RenderRequest

_PATH: Final = re.compile(
    r"/v1/prompts/([a-z0-9][a-z0-9-]{0,63})/versions/([A-Za-z0-9.:-]{1,64})(/render)?"
)


def _route_of(endpoint: Callable[..., Any]) -> APIRoute:
    """Return the ordinary route, which logs and metrics name a request by."""
    routes = (route for route in versions.readable.routes if isinstance(route, APIRoute))
    return next(route for route in routes if route.endpoint is endpoint)


_FETCH: Final = _route_of(versions.get_version)
_RENDER: Final = _route_of(versions.render)


class _Asked(NamedTuple):
    """One request of the plainest way."""

    prompt_id: str
    selector: str
    is_render: bool
    api_key: str


class ShortPath:
    """ASGI middleware right in front of the routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        asked = _read(scope) if scope["type"] == "http" else None
        if asked is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = _RENDER if asked.is_render else _FETCH
        request = StrictRequest(scope, receive)
        try:
            with pymongo.timeout(DATABASE_SECONDS):
                answer = await _answer(asked, request)
        except (PromptHubError, RequestValidationError, PyMongoError) as error:
            answer = await answer_error(request, error)
        await answer(scope, receive, send)


def _read(scope: Scope) -> _Asked | None:
    path: str = scope["path"]
    matched = _PATH.fullmatch(path.removeprefix(scope.get("root_path", "")))
    if matched is None or scope["query_string"]:
        return None
    prompt_id, selector, render = matched.groups()
    if scope["method"] != ("POST" if render else "GET"):
        return None
    api_key = _only_key(scope["headers"])
    return None if api_key is None else _Asked(prompt_id, selector, render is not None, api_key)


def _only_key(headers: list[tuple[bytes, bytes]]) -> str | None:
    """Return the API key when it is the one credential of the request."""
    found: str | None = None
    for name, value in headers:
        if name == b"authorization" or (name == b"x-api-key" and found is not None):
            return None
        if name == b"x-api-key":
            found = value.decode("latin-1")
    return found


async def _answer(asked: _Asked, request: StrictRequest) -> Response:
    opened = await leased_scope_of_key(asked.api_key)
    if asked.is_render:
        await request.load(runtime_of(request).settings.api.max_body_bytes)
    prompt = await get_leased_prompt(opened.scope, asked.prompt_id, opened.application.key)
    if asked.is_render:
        variables = (await _read_values(request)).variables
        size_bytes = len(await request.body())
        return await render_ready(
            opened.scope, prompt, asked.selector, variables, size_bytes=size_bytes
        )
    kept = await find_answer(opened.scope, prompt, asked.selector)
    return kept.unchanged if holds(request, kept.tag) else kept.full


async def _read_values(request: StrictRequest) -> RenderRequest:
    """Return the body as the ordinary route's own field reads it, or complain as that does."""
    field = _RENDER.body_field
    assert field is not None  # noqa: S101 # the endpoint takes one
    given = await request.json() if await request.body() else PydanticUndefined
    values, problems = await request_body_to_args([field], given, embed_body_fields=False)
    if problems:
        raise RequestValidationError(problems)
    return values[field.name]
