"""Own what stands in a template for a value that is not there."""

from typing import Any, NoReturn

from jinja2 import StrictUndefined, Undefined
from jinja2.exceptions import UndefinedError


class Unset(StrictUndefined):
    """A variable that nobody declared or gave: any use but `is defined` and `default` fails."""

    @property
    def _undefined_message(self) -> str:
        return self._undefined_hint or f"The variable {self._undefined_name} has no value."


class Unfilled(Undefined):
    """A declared optional field without a value: prints nothing, is false, has no items."""

    @property
    def _undefined_message(self) -> str:
        return f"The optional variable {self._undefined_name} has no value."


class NotThere(Undefined):
    """A path into given data that leads nowhere: false when tested, an error when printed."""

    @property
    def _undefined_message(self) -> str:
        return f"{self._undefined_name} is not in the values given."

    def _fail(self, *_args: Any, **_options: Any) -> NoReturn:
        raise UndefinedError(self._undefined_message)

    __str__ = __iter__ = __len__ = _fail  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride] -- jinja2 overrides its operators in the same way


def find_in(container: Any, key: Any, path: str) -> Any:
    """Look a key up in plain data; attributes of Python objects are never looked at.

    Returns:
        The value, or an undefined one that names `path` when it is printed.
    """
    if isinstance(container, Unset):
        str(container)
    if isinstance(container, Unfilled):
        return container
    missing = NotThere(name=path)
    if isinstance(container, dict):
        return container.get(key, missing) if isinstance(key, str) else missing  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] -- any plain data
    if isinstance(container, (str, list, tuple)):
        return _find_in_sequence(container, key, missing)
    return missing


def _find_in_sequence(sequence: Any, key: Any, missing: NotThere) -> Any:
    # The pairs of `groupby` have names besides positions.
    names: tuple[str, ...] = getattr(sequence, "_fields", ())
    if key in names:
        return sequence[names.index(key)]
    if isinstance(key, int) and -len(sequence) <= key < len(sequence):
        return sequence[key]
    return missing
