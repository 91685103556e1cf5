"""Own the variables of a template: which it uses, and binding given values to them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from core.errors import Invalid, MissingVariables
from core.templates.plain import copy_plain, shorten
from core.templates.program import load
from core.values.fields import RequiredField, fits, name_type

_MAX_NAMED = 10


def find_variables(source: str, *, field: str) -> tuple[str, ...]:
    """Return the variables that a template reads from outside, in order of first use.

    Raises:
        TemplateInvalid: the template is refused.
    """
    return load(source, field=field).names


def find_guarded_variables(source: str, *, field: str) -> frozenset[str]:
    """Return the variables that may be absent, for `default` or `is defined` is used on them.

    Raises:
        TemplateInvalid: the template is refused.
    """
    return load(source, field=field).guarded_names


def bind(
    fields: Sequence[RequiredField],
    given: Mapping[str, Any],
    *,
    used: Iterable[str],
    guarded: Collection[str] = (),
) -> dict[str, Any]:
    """Return the values that a template renders with: those given, and defaults for the rest.

    A declared field that is given as None counts as absent. Optional fields without value or
    default are left out; so are names in `guarded` that are not given.

    Raises:
        Invalid: a name is neither declared nor used, or a value is of the wrong type or no plain
            data.
        MissingVariables: required fields, or used names that nobody declared, have no value.
        TooLarge: the values are larger than 1 MiB together.
    """
    used = tuple(dict.fromkeys(used))
    declared = {field.name for field in fields}
    _refuse_unknown(given, declared | set(used) | set(guarded))
    values = copy_plain(given)
    for field in fields:
        if values.get(field.name) is None:
            values.pop(field.name, None)
            if field.default is not None:
                values[field.name] = copy_plain({field.name: field.default})[field.name]
    _require(fields, values, used=used, guarded=guarded)
    _check_types(fields, values)
    return values


def _refuse_unknown(given: Mapping[str, Any], known: set[str]) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        names = ", ".join(shorten(name) for name in unknown[:_MAX_NAMED])
        raise Invalid(
            f"The prompt has no variable {names}.",
            field=f"variables.{shorten(unknown[0])}",
            remedy="Leave it out, or declare it as a field of the prompt.",
        )


def _require(
    fields: Sequence[RequiredField],
    values: Mapping[str, Any],
    *,
    used: Sequence[str],
    guarded: Collection[str],
) -> None:
    declared = {field.name for field in fields}
    needed = [field.name for field in fields if field.required]
    needed += [name for name in used if name not in declared and name not in guarded]
    missing = [name for name in needed if name not in values]
    if missing:
        raise MissingVariables(missing)


def _check_types(fields: Sequence[RequiredField], values: Mapping[str, Any]) -> None:
    wrong = [
        field
        for field in fields
        if field.name in values and not fits(field.type, values[field.name])
    ]
    if wrong:
        raise Invalid(
            " ".join(
                f"{field.name} must be of the type {field.type}, "
                f"not {name_type(values[field.name])}."
                for field in wrong[:_MAX_NAMED]
            ),
            field=f"variables.{wrong[0].name}",
            remedy="Give a value of that type.",
        )
