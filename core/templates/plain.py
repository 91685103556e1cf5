"""Own the border that values cross into templates: plain data only, copied and measured."""

from collections.abc import Mapping
from typing import Any, cast

from core.errors import Invalid, TooLarge
from core.templates.budget import MAX_VALUE_DEPTH, MAX_VALUES_BYTES
from core.values.fields import is_storable_number

_SHOWN_CHARACTERS = 64
_SCALAR_BYTES = 8


def shorten(name: object) -> str:
    """Return a name from outside, fit for a sentence: printable and not long."""
    text = "".join(letter if letter.isprintable() else "?" for letter in str(name)[:200])
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."


def copy_plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a deep copy of the variables, made of exact str, bool, int, float, list and dict.

    Raises:
        Invalid: a value is or holds anything else, nests too deep, or cannot be stored.
        TooLarge: together they are larger than 1 MiB.
    """
    copier = _Copier()
    copied: dict[str, Any] = {}
    for name, value in values.items():
        copier.start(name)
        copied[name] = copier.copy(value, 0)
    return copied


class _Copier:
    """Copy values one after the other and keep count of their size."""

    def __init__(self) -> None:
        self._left = MAX_VALUES_BYTES
        self._name = ""

    def start(self, name: object) -> None:
        if not isinstance(name, str):
            raise Invalid(
                "The names of variables must be text.",
                field="variables",
                remedy="Quote the name.",
            )
        self._name = name
        self._spend(len(name))

    def copy(self, value: Any, depth: int) -> Any:
        if value is None or isinstance(value, bool):
            self._spend(_SCALAR_BYTES)
            return value
        if isinstance(value, str):
            return self._copy_text(value)
        if isinstance(value, (int, float)):
            return self._copy_number(value)
        if depth >= MAX_VALUE_DEPTH:
            raise self._refused(
                f"is nested more than {MAX_VALUE_DEPTH} levels deep", "Use flatter data."
            )
        if isinstance(value, list):
            items = cast("list[Any]", value)
            self._spend(_SCALAR_BYTES)
            return [self.copy(item, depth + 1) for item in items]
        if isinstance(value, dict):
            return self._copy_object(cast("dict[Any, Any]", value), depth)
        raise self._refused(
            f"holds a value of the type {type(value).__name__}",
            "Use text, numbers, true, false, null, lists and objects only.",
        )

    def _copy_text(self, text: str) -> str:
        self._spend(_SCALAR_BYTES + len(text))
        if "\x00" in text:
            raise self._refused("holds a NUL character", "Remove it.")
        try:
            encoded = text.encode()
        except UnicodeEncodeError:
            raise self._refused("holds half of a surrogate pair", "Remove it.") from None
        self._spend(len(encoded) - len(text))
        return encoded.decode()

    def _copy_number(self, number: float) -> float:
        self._spend(_SCALAR_BYTES)
        if not is_storable_number(number):
            raise self._refused(
                "holds a number that is not finite or needs more than 64 bits",
                "Give it as text.",
            )
        return int(number) if isinstance(number, int) else float(number)

    def _copy_object(self, items: dict[Any, Any], depth: int) -> dict[str, Any]:
        self._spend(_SCALAR_BYTES)
        copied: dict[str, Any] = {}
        for key, value in items.items():
            if not isinstance(key, str):
                raise self._refused("has a key that is not text", "Quote the keys.")
            copied[self._copy_text(key)] = self.copy(value, depth + 1)
        return copied

    def _spend(self, size_bytes: int) -> None:
        self._left -= size_bytes
        if self._left < 0:
            raise TooLarge(
                f"The variables are larger than {MAX_VALUES_BYTES // 1024**2} MiB together.",
                field="variables",
                limit=MAX_VALUES_BYTES,
            )

    def _refused(self, what: str, remedy: str) -> Invalid:
        name = shorten(self._name)
        return Invalid(f"The variable {name} {what}.", field=f"variables.{name}", remedy=remedy)
