"""Own the OpenAPI description: full paths, who may call, and the errors of every operation."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

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


def describe_api(api: FastAPI, *, prefix: str) -> dict[str, Any]:
    """Return the OpenAPI document with the paths that clients write, `prefix` included."""
    schema = get_openapi(
        title=api.title, version=api.version, description=DESCRIPTION, routes=api.routes
    )
    schema["paths"] = {prefix + path: item for path, item in schema["paths"].items()}
    components = schema.setdefault("components", {})
    components["securitySchemes"] = SECURITY_SCHEMES
    shapes = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    components.setdefault("schemas", {}).update(shapes.pop("$defs"), Problem=shapes)
    return schema
