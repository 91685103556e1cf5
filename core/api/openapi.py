"""Own the OpenAPI description: full paths, who may call, and the errors of every operation."""

from collections.abc import Iterator
from typing import Any, Final, cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from core.api.openapi_words import EXAMPLES, FIELDS, PARAMETERS
from core.api.problems import problem_answer
from prompthub.wire.problem import Problem

DESCRIPTION: Final = """
Write, version, publish and run prompts.

People sign in at `/api/v1/auth/login` and send `Authorization: Bearer <access_token>`;
applications send their key as `X-API-Key`. Every error is `application/problem+json` with a
stable `code`, a `detail` for people and, where it applies, the `field` and a `remedy`.
Lists take `limit` (1 to 100) and the `cursor` of the page before.
""".strip()

SECURITY_SCHEMES: Final = {
    "access_token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
# What else these answer with, beside what their kind of route does.
MORE_STATUSES: Final = {
    ("post", "/v1/auth/register"): (401, 403, 404, 409),
    ("post", "/v1/auth/login"): (401,),
    ("post", "/v1/auth/refresh"): (401,),
    ("get", "/v1/metrics"): (401, 404),
}
# These compare what the client has seen with what is stored.
CONDITIONAL: Final = {
    ("put", "/v1/prompts/{prompt_id}"),
    ("put", "/v1/prompts/{prompt_id}/versions/{version}"),
}
UNCHANGED: Final = {
    ("get", "/v1/prompts/{prompt_id}"),
    ("get", "/v1/prompts/{prompt_id}/versions/{version}"),
}
IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "The `ETag` seen last; a change of anything newer is refused.",
}
STREAMED: Final = {"ExecuteRequest", "TestPromptRequest"}


def describe_api(api: FastAPI, *, prefix: str) -> dict[str, Any]:
    """Return the OpenAPI document with the paths that clients write, `prefix` included."""
    schema = get_openapi(
        title=api.title, version=api.version, description=DESCRIPTION, routes=api.routes
    )
    components = schema.setdefault("components", {})
    components["securitySchemes"] = SECURITY_SCHEMES
    shapes = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    components.setdefault("schemas", {}).update(shapes.pop("$defs"), Problem=shapes)
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            _complete(operation, (method, path))
    for name in _used_by_bodies(schema):
        _describe_fields(components["schemas"][name], EXAMPLES.get(name))
    schema["paths"] = {prefix + path: item for path, item in schema["paths"].items()}
    return schema


def _complete(operation: dict[str, Any], asked: tuple[str, str]) -> None:
    """Add what is true of an operation by the way it is served."""
    for parameter in operation.get("parameters", []):
        if parameter["name"] in PARAMETERS:
            parameter.setdefault("description", PARAMETERS[parameter["name"]])
    statuses = [*MORE_STATUSES.get(asked, ())]
    if "requestBody" in operation:
        statuses += [413, 415]
    if asked in CONDITIONAL:
        statuses.append(412)
        operation.setdefault("parameters", []).append(IF_MATCH)
    for status in statuses:
        operation["responses"].setdefault(str(status), problem_answer(status))
    if asked in UNCHANGED:
        operation["responses"]["304"] = {"description": "Unchanged since `If-None-Match`"}
    if STREAMED & set(_references(operation.get("requestBody", {}))):
        content = operation["responses"]["200"]["content"]
        content["text/event-stream"] = {"schema": {"type": "string"}}


def _used_by_bodies(schema: dict[str, Any]) -> set[str]:
    """Return the names of the shapes that clients send."""
    shapes = schema["components"]["schemas"]
    bodies = [
        operation.get("requestBody", {})
        for item in schema["paths"].values()
        for operation in item.values()
    ]
    waiting, found = [*_references(bodies)], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _references(shapes[name])
    return found


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for one in cast("list[Any]", part):
            yield from _references(one)
    elif isinstance(part, dict):
        for name, value in cast("dict[str, Any]", part).items():
            if name == "$ref":
                yield value.rpartition("/")[2]
            else:
                yield from _references(value)


def _describe_fields(shape: dict[str, Any], example: dict[str, Any] | None) -> None:
    for name, field in shape.get("properties", {}).items():
        if name in FIELDS:
            field.setdefault("description", FIELDS[name])
    if example is not None:
        shape["examples"] = [example]
