"""Own the short path: an application fetches or renders a version, past routing and validation.

It answers exactly what the ordinary routes answer (`tests/api/test_short_path.py` compares), from
what is kept ready. A request that is not written in the plainest way goes the ordinary way.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple, TypeVar

import pymongo
from bson import ObjectId
from fastapi.dependencies.utils import request_body_to_args
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic_core import PydanticUndefined
from pymongo.errors import PyMongoError
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from core.accounts.access import Opened, find_leased_scope, leased_scope_of_key
from core.api import versions
from core.api.answers import is_among
from core.api.callers import runtime_of
from core.api.problems import answer_error
from core.api.ready import Kept, find_answer, find_renderable, get_answer, get_renderable
from core.api.request_rate import count_anonymous_request, count_request
from core.api.strict_route import DATABASE_SECONDS, StrictRequest
from core.documents import Prompt
from core.errors import NotAuthenticated, PromptHubError
from core.prompts.catalogue import find_leased_prompt, get_leased_prompt
from core.values.scope import Scope as Access
from prompthub.wire.versions import RenderRequest

Read = TypeVar("Read")

_PATH: Final = re.compile(
    r"/v1/prompts/([a-z0-9][a-z0-9-]{0,63})/versions/([A-Za-z0-9.:-]{1,64})(/render)?"
)


# Credentials that come first, or a second key.
_UNUSUAL: Final = frozenset({b"authorization", b"x-api-key"})


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
    held_tags: str


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
        answer = await _answer(asked, StrictRequest(scope, receive))
        await answer(scope, receive, send)


def _read(scope: Scope) -> _Asked | None:
    path: str = scope["path"]
    matched = _PATH.fullmatch(path, _root_length(scope, path))
    if matched is None or scope["query_string"]:
        return None
    prompt_id, selector, render = matched.groups()
    if scope["method"] != ("POST" if render else "GET"):
        return None
    api_key: bytes | None = None
    held_tags: bytes | None = None
    for name, value in scope["headers"]:
        if name == b"x-api-key" and api_key is None:
            api_key = value
        elif name in _UNUSUAL:
            return None
        elif name == b"if-none-match" and held_tags is None:
            held_tags = value
    if api_key is None:
        return None
    held = "" if held_tags is None else held_tags.decode("latin-1")
    return _Asked(prompt_id, selector, render is not None, api_key.decode("latin-1"), held)


def _root_length(scope: Scope, path: str) -> int:
    root: str = scope.get("root_path", "")
    return len(root) if path.startswith(root) else 0


async def _answer(asked: _Asked, request: StrictRequest) -> Response:
    try:
        scope, application = await _admit(asked, request)
        if asked.is_render:
            return await _render(asked, scope, application.key, request)
        return await _fetch(asked, scope, application.key)
    except (PromptHubError, RequestValidationError, PyMongoError) as error:
        return await answer_error(request, error)


async def _admit(asked: _Asked, request: StrictRequest) -> Opened:
    runtime = runtime_of(request)
    try:
        opened = find_leased_scope(asked.api_key)
        if opened is None:
            opened = await _in_time(leased_scope_of_key(asked.api_key))
    except NotAuthenticated:
        await count_anonymous_request(runtime, request)
        raise
    await count_request(runtime, opened.scope.actor)
    return opened


async def _in_time(reading: Awaitable[Read]) -> Read:
    """Read what is not at hand; setting the limit takes longer than all the rest of a request."""
    with pymongo.timeout(DATABASE_SECONDS):
        return await reading


async def _fetch(asked: _Asked, scope: Access, application_id: ObjectId) -> Response:
    prompt = await _get_prompt(asked, scope, application_id)
    kept = find_answer(prompt, asked.selector)
    return _choose(asked, kept or await _in_time(get_answer(scope, prompt, asked.selector)))


async def _get_prompt(asked: _Asked, scope: Access, application_id: ObjectId) -> Prompt:
    found = find_leased_prompt(asked.prompt_id, application_id)
    return found or await _in_time(get_leased_prompt(scope, asked.prompt_id, application_id))


async def _render(
    asked: _Asked, scope: Access, application_id: ObjectId, request: StrictRequest
) -> Response:
    await request.load(runtime_of(request).settings.api.max_body_bytes)
    prompt = await _get_prompt(asked, scope, application_id)
    # As the ordinary route does: the body is judged before what the selector means.
    variables = (await _read_values(request)).variables
    found = find_renderable(prompt, asked.selector)
    ready = found or await _in_time(get_renderable(scope, prompt, asked.selector))
    return await ready.render(variables, size_bytes=len(await request.body()))


def _choose(asked: _Asked, kept: Kept) -> Response:
    is_held = asked.held_tags and is_among(kept.tag, asked.held_tags)
    return kept.unchanged if is_held else kept.full


async def _read_values(request: StrictRequest) -> RenderRequest:
    """Return the body as the ordinary route's own field reads it, or complain as that does."""
    field = _RENDER.body_field
    assert field is not None  # noqa: S101 # the endpoint takes one
    given = await request.json() if await request.body() else PydanticUndefined
    values, problems = await request_body_to_args([field], given, embed_body_fields=False)
    if problems:
        raise RequestValidationError(problems)
    return values[field.name]
