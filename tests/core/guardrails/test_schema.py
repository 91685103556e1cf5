import itertools
import json
import socket
import time
from collections.abc import Callable, Generator
from typing import Any

import pytest

from core.guardrails.schema import check_schema, find_broken_rule

ORDER: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {"price": {"type": "number"}, "day": {"type": "string", "format": "date"}},
    "required": ["price"],
    "additionalProperties": False,
}
ANY_JSON: dict[str, Any] = {
    "anyOf": [
        {"type": "array", "items": {"$ref": "#"}},
        {"type": "object", "additionalProperties": {"$ref": "#"}},
        {"type": ["string", "number", "boolean", "null"]},
    ]
}


def doubling(levels: int) -> dict[str, Any]:
    """A schema in which each level looks twice at the next."""
    steps = {f"a{i}": {"anyOf": [{"$ref": f"#/$defs/a{i + 1}"}] * 2} for i in range(levels)}
    return {"$ref": "#/$defs/a0", "$defs": {**steps, f"a{levels}": {"type": "string"}}}


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(levels):
        schema = {"items": schema}
    return schema


@pytest.fixture
def canary() -> Generator[tuple[str, Callable[[], bool]]]:
    """An address on loopback, and whether somebody came to it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)

        def was_hit() -> bool:
            try:
                server.accept()[0].close()
            except TimeoutError:
                return False
            return True

        yield f"http://127.0.0.1:{server.getsockname()[1]}/schema", was_hit


@pytest.mark.parametrize(
    "written",
    [
        '{"$ref": "URL"}',
        '{"$schema": "URL"}',
        '{"properties": {"a": {"$ref": "URL"}}}',
        '{"properties": {"a": {"$id": "URL", "$ref": "b"}}}',
        '{"$id": "URL", "$ref": "other"}',
        '{"$defs": {"a": {"$ref": "URL"}}}',
        '{"x-more": {"a": {"$ref": "URL"}}, "$ref": "#/x-more/a"}',
        '{"$dynamicRef": "URL"}',
        '{"$ref": "#/$defs/a", "$defs": {"a": {"$id": "URL", "$ref": "#x"}}}',
    ],
)
def test_a_reference_to_elsewhere_is_refused_and_never_fetched(
    canary: tuple[str, Callable[[], bool]], written: str
) -> None:
    url, was_hit = canary

    with pytest.raises(ValueError, match=r"\w"):
        check_schema(json.loads(written.replace("URL", url)))

    assert not was_hit()


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"allOf": [{"not": {"$ref": "#"}}]},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
        {"$ref": "file:///etc/passwd"},
        {"$ref": "#/nowhere"},
        {"$ref": 5},
        doubling(20),
        {"anyOf": [{"items": {"$ref": "#"}}, {"items": {"$ref": "#"}}]},
        {"properties": {f"p{i}": {"type": "string"} for i in range(2500)}},
        {"enum": ["x" * 70_000]},
        nested(100),
        nested(20_000),
        {"type": "strin"},
        {"pattern": "("},
        {"pattern": "^(?=(a+)+$)"},
        {"pattern": "(((a{100}){100}){100}){100}"},
        {"not": 5},
        {"const": float("nan")},
        {"minimum": 2**64},
        {"a\x00b": 1},
        {"title": "\ud800"},
        {"unevaluatedProperties": False},
        {"const": object()},
    ],
    ids=itertools.count(),
)
def test_a_schema_that_is_not_sound_or_not_bounded_is_refused(schema: dict[str, Any]) -> None:
    started = time.process_time()

    with pytest.raises(ValueError, match=r"\w"):
        check_schema(schema)

    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "schema",
    [
        {},
        ORDER,
        ANY_JSON,
        doubling(10),
        {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"},
        {"$id": "https://example.org/order", "$ref": "#/$defs/a", "$defs": {"a": True}},
        {"properties": {"$ref": {"type": "string"}, "unevaluatedItems": {}}},
        {"const": {"$ref": "https://example.org/"}},
        {"dependencies": {"a": ["b"], "c": {"required": ["d"]}}},
        {"prefixItems": [{"type": "string"}], "items": False},
        {"$ref": "#/$defs/a~1b%20c", "$defs": {"a/b c": {"type": "string"}}},
    ],
    ids=itertools.count(),
)
def test_ordinary_schemas_are_taken(schema: dict[str, Any]) -> None:
    check_schema(schema)


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        ('{"price": 3, "day": "2026-11-20"}', None),
        (' \n{"price": 3.5}\n', None),
        ('{"price": "secret"}', "/properties/price/type"),
        ('{"price": 3, "secret": 1}', "/additionalProperties"),
        ('{"price": 3, "day": "secret"}', "/properties/day/format"),
        ("{}", "/required"),
        ("secret", "not JSON"),
        ('```json\n{"price": 3}\n```', "not JSON"),
        ('{"price": NaN}', "not JSON"),
        ("[" * 100 + "]" * 100, "nested deeper"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_the_broken_rule_is_named_and_the_answer_never_quoted(
    answer: str, rule: str | None
) -> None:
    reason = find_broken_rule(ORDER, answer)

    assert (reason is None) == (rule is None)
    if reason and rule:
        assert rule in reason
        assert "secret" not in reason


def test_a_recursive_schema_goes_down_the_answer() -> None:
    tree = {"additionalProperties": False, "properties": {"left": {"$ref": "#"}}}

    assert find_broken_rule(tree, '{"left": {"left": {}}}') is None
    assert find_broken_rule(tree, '{"left": {"right": {}}}') is not None
    assert find_broken_rule(ANY_JSON, json.dumps({"a": [1, [None, {"b": "c"}]]})) is None


@pytest.mark.parametrize(
    ("schema", "answer"),
    [
        ({"pattern": "^(a+)+$"}, json.dumps("a" * 100_000 + "!")),
        ({"items": {"$ref": "#/$defs/a0"}, **doubling(10), "$ref": "#/$defs/a0"}, "[1]"),
        ({"items": doubling(0) | {"$ref": "#/$defs/a0"}, **doubling(12)}, "[" + "1," * 9999 + "1]"),
        (ANY_JSON, "[" + "[1]," * 50_000 + "1]"),
        ({"uniqueItems": True}, json.dumps([{"a": i} for i in range(20_000)])),
    ],
    ids=["pattern", "doubling", "doubling many", "any", "unique"],
)
def test_a_hostile_pair_of_schema_and_answer_ends_soon(schema: dict[str, Any], answer: str) -> None:
    check_schema(schema)
    started = time.process_time()

    find_broken_rule(schema, answer)

    assert time.process_time() - started < 1.5


def test_an_answer_too_long_for_its_schema_does_not_pass() -> None:
    answer = "[" + "1," * 20_000 + "1]"
    schema = {"items": {"$ref": "#/$defs/a0"}, "$defs": doubling(12)["$defs"]}

    assert "too long" in (find_broken_rule(schema, answer) or "")
