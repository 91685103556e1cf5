"""Own what the settings of a process are in effect and where each came from, never a secret."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from core.settings import Settings

Origin = Literal["default", "environment", "data folder"]
# Nobody should write a password into an address that is no secret, but somebody may.
_CREDENTIALS = re.compile(r"//[^/@\s]+@")
# What is generated and kept in the data folder where the environment names none.
_GENERATED = frozenset({"PROMPTHUB_CONNECTIONS__ENCRYPTION_KEYS"})


class Effective(NamedTuple):
    """One setting; of a secret `value` says only whether there is one."""

    name: str
    section: str
    value: str
    origin: Origin
    description: str


def list_effective(settings: Settings, environ: Mapping[str, str]) -> list[Effective]:
    """Return every setting in the order of its section."""
    given = {name.upper() for name, value in environ.items() if value}
    return list(_walk(settings, "PROMPTHUB_", given))


def _walk(section: BaseModel, prefix: str, given: set[str]) -> Iterator[Effective]:
    for field_name, field in type(section).model_fields.items():
        value: object = getattr(section, field_name)
        name = f"{prefix}{field_name}".upper()
        if isinstance(value, BaseModel):
            yield from _walk(value, f"{name}__", given)
        else:
            yield _one(name, field, value, given)


def _one(name: str, field: FieldInfo, value: object, given: set[str]) -> Effective:
    # A section may be given as one JSON object.
    parts = name.split("__")
    is_given = any("__".join(parts[:end]) in given for end in range(1, len(parts) + 1))
    origin: Origin = "environment" if is_given else "default"
    if not is_given and name in _GENERATED:
        origin = "data folder"
    section = parts[0].removeprefix("PROMPTHUB_").lower() if len(parts) > 1 else "general"
    is_secret = "Secret" in str(field.annotation)
    shown = _secret(value, origin) if is_secret else _plain(value)
    return Effective(name, section, shown, origin, field.description or "")


def _secret(value: object, origin: Origin) -> str:
    if origin == "data folder":
        return "generated, not shown"
    return "set, not shown" if value else "not set"


def _plain(value: Any) -> str:
    if isinstance(value, SecretStr):
        return "set, not shown"
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "none"  # pyright: ignore[reportUnknownArgumentType]
    if value is None or value == "":
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _CREDENTIALS.sub("//…@", str(value))
