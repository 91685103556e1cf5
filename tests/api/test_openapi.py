"""The description says everything a client needs, for every operation, new ones included."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter

from core.api.app import create_api
from core.api.openapi import describe_api
from core.api.openapi_words import EXAMPLES
from core.settings import ApiSettings

API = create_api(ApiSettings())
SCHEMA = describe_api(API, prefix="/api")
SHAPES: dict[str, Any] = SCHEMA["components"]["schemas"]
OPERATIONS: dict[str, dict[str, Any]] = {
    f"{method.upper()} {path.removeprefix('/api/v1')}": operation
    for path, item in SCHEMA["paths"].items()
    for method, operation in item.items()
}


def bodies() -> Iterator[type[BaseModel]]:
    for route in (one for router in (API.router,) for one in routes_of(router)):
        kind = getattr(route.body_field, "field_info", None)
        annotation = getattr(kind, "annotation", None)
        for one in getattr(annotation, "__args__", (annotation,)):
            if isinstance(one, type) and issubclass(one, BaseModel):
                yield one


def routes_of(router: Any) -> Iterator[APIRoute]:
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        elif inner := getattr(route, "original_router", None):
            yield from routes_of(inner)


BODIES = {kind.__name__: kind for kind in bodies()}


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_says_what_it_does_and_what_its_parameters_mean(name: str) -> None:
    operation = OPERATIONS[name]
    silent = [one["name"] for one in operation.get("parameters", []) if not one.get("description")]

    assert operation["summary"]
    assert operation["description"]
    assert silent == [], "describe them in core/api/openapi_words.py, PARAMETERS"


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_lists_the_errors_that_may_come(name: str) -> None:
    operation = OPERATIONS[name]
    expected = {"422", "429", "503"}
    if operation["security"]:
        expected |= {"401", "403", "404", "409"}
    if "requestBody" in operation:
        expected |= {"413", "415"}
    if any(one["name"] == "If-Match" for one in operation.get("parameters", [])):
        expected.add("412")

    assert expected <= operation["responses"].keys()
    for status in operation["responses"].keys() - {"200", "201", "202", "204", "304"}:
        assert list(operation["responses"][status]["content"]) == ["application/problem+json"]


@pytest.mark.parametrize("name", sorted(BODIES))
def test_every_field_of_a_body_is_described(name: str) -> None:
    fields = SHAPES[name]["properties"]

    silent = [field for field, facts in fields.items() if not facts.get("description")]

    assert silent == [], "describe them in core/api/openapi_words.py, FIELDS"


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_a_body_that_is_taken(name: str) -> None:
    example = SHAPES[name]["examples"][0]

    TypeAdapter(BODIES[name]).validate_python(example)
