"""Own the reading of JSON from outside: only what can be stored and sent back is taken."""

import json
import math
from typing import Any, Final, NoReturn, cast

from core.errors import Invalid

MAX_DEPTH: Final = 64
# BSON and most JSON readers carry signed 64-bit integers and no more.
_MIN_INT: Final = -(2**63)
_MAX_INT: Final = 2**63 - 1
_MAX_INT_DIGITS: Final = 20


def parse(raw: bytes) -> Any:
    """Return the value of a JSON text in UTF-8.

    Raises:
        Invalid: it is malformed, or holds a non-number, an integer beyond 64 bits, half of a
            surrogate pair, a NUL, a key twice, a database reference, or nests too deep.
    """
    try:
        value = json.loads(
            raw.decode(),
            object_pairs_hook=_distinct,
            parse_constant=_refuse_constant,
            parse_int=_bounded_int,
            parse_float=_finite_float,
        )
    except UnicodeDecodeError:
        raise _refusal("The text is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise _refusal(
            f"The text is not JSON: line {error.lineno}, column {error.colno}."
        ) from None
    except RecursionError:
        raise _too_deep() from None
    _check(value)
    return value


def _refusal(message: str, remedy: str = "Send one JSON value in UTF-8.") -> Invalid:
    return Invalid(message, field="body", remedy=remedy)


def _too_deep() -> Invalid:
    return _refusal(f"The text nests deeper than {MAX_DEPTH} levels.", "Flatten it.")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _refusal("An object names a key twice.", "Name each key once.")
    # The driver would read such an object back as a database reference, not as what was sent.
    if "$ref" in members and "$id" in members:
        raise _refusal("An object holds both $ref and $id.", "Leave one of them out.")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise _refusal(f"{name} is not JSON.", "Send a number or null.")


def _bounded_int(digits: str) -> int:
    if len(digits) <= _MAX_INT_DIGITS and _MIN_INT <= (number := int(digits)) <= _MAX_INT:
        return number
    raise _refusal("An integer is beyond 64 bits.", "Send it as a string.")


def _finite_float(digits: str) -> float:
    number = float(digits)
    if math.isfinite(number):
        return number
    raise _refusal("A number is too large.", "Send it as a string.")


def _check(value: Any) -> None:
    """Walk without recursion: the depth is the client's choice."""
    waiting: list[tuple[Any, int]] = [(value, 1)]
    while waiting:
        part, depth = waiting.pop()
        if isinstance(part, str):
            _check_text(part)
        elif inner := _inside(part):
            waiting.extend((one, depth + 1) for one in inner)
        if depth > MAX_DEPTH and isinstance(part, dict | list):
            raise _too_deep()


def _inside(part: Any) -> list[Any]:
    if isinstance(part, dict):
        members = cast("dict[str, Any]", part)
        return [*members.keys(), *members.values()]
    return cast("list[Any]", part) if isinstance(part, list) else []


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise _refusal("A text holds a NUL character.", "Remove it.")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise _refusal("A text holds half of a surrogate pair.", "Remove it.") from None
