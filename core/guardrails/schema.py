"""Own JSON schemas of answers: which are taken, and which rule an answer breaks."""

import math
from functools import lru_cache
from typing import Any, Final, NamedTuple, Never, cast

import jsonschema_rs
import orjson

from core.guardrails.schema_cost import MAX_ANSWER_DEPTH, count_steps

MAX_SCHEMA_BYTES: Final = 64 * 1024
MAX_SCHEMA_DEPTH: Final = 64
# Steps of the schema times characters of the answer; about 0.2 s.
MAX_WORK: Final = 50_000_000
_DRAFTS: Final = (
    "http://json-schema.org/draft-06/schema",
    "http://json-schema.org/draft-07/schema",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
)
_PATTERN_BYTES: Final = 1024 * 1024
_GREATEST_INT: Final = 2**63 - 1


class _Compiled(NamedTuple):
    validator: jsonschema_rs.Validator
    steps: tuple[int, ...]


def check_schema(schema: dict[str, Any]) -> None:
    """Pass for a schema that can be stored and that bounds the work of checking an answer.

    Nothing is fetched: references lead to places in the schema itself.

    Raises:
        ValueError: it is refused; the message is a sentence for people that says why.
    """
    _refuse_unstorable(schema)
    try:
        encoded = orjson.dumps(schema)
    except (TypeError, RecursionError):
        msg = "It holds something that is not JSON."
        raise ValueError(msg) from None
    _compile(encoded)


def find_broken_rule(schema: dict[str, Any], answer: str) -> str | None:
    """Return why an answer does not fit, as a sentence that does not quote it; None if it fits.

    Raises:
        ValueError: the schema is refused.
    """
    compiled = _compile(orjson.dumps(schema))
    try:
        document = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return "The answer is not JSON."
    depth = _depth(document)
    if depth > MAX_ANSWER_DEPTH:
        return f"The answer is nested deeper than {MAX_ANSWER_DEPTH} levels."
    if compiled.steps[min(depth, len(compiled.steps)) - 1] * len(answer) > MAX_WORK:
        return "The answer is too long to be checked against this schema."
    try:
        compiled.validator.validate(document)
    except jsonschema_rs.ValidationError as error:
        path = "".join(f"/{step}" for step in error.schema_path)
        return f"The answer breaks the rule {path} of the schema."
    return None


# By its bytes: a version's schema is the same for each of its executions.
@lru_cache(maxsize=64)
def _compile(encoded: bytes) -> _Compiled:
    if len(encoded) > MAX_SCHEMA_BYTES:
        msg = f"It is longer than {MAX_SCHEMA_BYTES // 1024} KiB."
        raise ValueError(msg)
    schema: dict[str, Any] = orjson.loads(encoded)
    if str(schema.get("$schema", _DRAFTS[-1])).removesuffix("#") not in _DRAFTS:
        msg = "Its $schema names no draft that is known here: 6, 7, 2019-09 or 2020-12."
        raise ValueError(msg)
    steps = count_steps(schema)
    try:
        validator = jsonschema_rs.validator_for(
            schema,
            validate_formats=True,
            retriever=_refuse_to_fetch,
            pattern_options=jsonschema_rs.RegexOptions(_PATTERN_BYTES, _PATTERN_BYTES),
        )
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        msg = f"It is no valid JSON schema: {_first_line(error)}"
        raise ValueError(msg) from error
    return _Compiled(validator, steps)


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0][:200]


def _refuse_to_fetch(_uri: str) -> Never:
    msg = "References to other documents are not followed."
    raise ValueError(msg)


def _refuse_unstorable(schema: Any) -> None:
    """Refuse what JSON or BSON cannot hold, and depth before anything recurses."""
    if _depth(schema) > MAX_SCHEMA_DEPTH:
        msg = f"It is nested deeper than {MAX_SCHEMA_DEPTH} levels."
        raise ValueError(msg)
    waiting = [schema]
    while waiting:
        value = waiting.pop()
        if isinstance(value, int) and abs(value) > _GREATEST_INT:
            msg = "It holds a whole number of more than 64 bits."
            raise ValueError(msg)
        if isinstance(value, float) and not math.isfinite(value):
            msg = "It holds a number that is not finite."
            raise ValueError(msg)
        if isinstance(value, dict):
            keys = cast("dict[str, Any]", value)
            if any("\x00" in key for key in keys):
                msg = "A name in it holds a NUL character."
                raise ValueError(msg)
        waiting += _children(value)


def _depth(document: Any) -> int:
    level, depth = [document], 0
    while level:
        level = [child for value in level for child in _children(value)]
        depth += 1
    return depth


def _children(value: Any) -> list[Any]:
    match value:
        case dict():
            return list(cast("dict[str, Any]", value).values())
        case list() | tuple():
            return list(cast("list[Any]", value))
        case _:
            return []
