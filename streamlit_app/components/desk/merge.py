"""Own bringing two edits of the same version together, field by field."""

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any, Final, Literal, NamedTuple, cast

from core.values.body import VersionBody
from core.values.dependency import Dependency
from core.values.fields import RequiredField
from core.values.generation import ModelParams
from core.values.guardrail_policy import GuardrailPolicy
from streamlit_app.components.desk.working_copy import AREAS

Side = Literal["theirs", "yours", "both"]

NOT_SET: Final = "not set"


class Item(NamedTuple):
    """One field that differs: both sides in words, and which is taken unless chosen otherwise.

    `both` is a text with the edits of both sides, None where they touch the same lines.
    """

    key: str
    title: str
    theirs: str
    yours: str
    suggested: Side
    is_text: bool = False
    both: str | None = None


def list_items(theirs: VersionBody, yours: VersionBody, base: VersionBody) -> list[Item]:
    """Return what differs between two bodies that were both made from `base`, texts first."""
    one, other, first = _values(theirs), _values(yours), _values(base)
    return [
        *_texts(theirs, yours, base),
        *(
            _item(key, one.get(key), other.get(key), first.get(key))
            for key in dict.fromkeys((*one, *other))
            if one.get(key) != other.get(key)
        ),
    ]


def merge(
    theirs: VersionBody, yours: VersionBody, items: Mapping[str, tuple[Item, Side]]
) -> VersionBody:
    """Return the body in which each item is as it was picked; what is the same stays.

    Raises:
        ValidationError: the result breaks a rule that both sides kept, such as the limit of fields.
    """
    texts = {
        area: _text(items[area]) if area in items else getattr(yours, area) for area, _ in AREAS
    }
    one, other = _values(theirs), _values(yours)
    values = {
        key: _of(items[key][1], one, other).get(key) if key in items else value
        for key, value in ({**one, **other}).items()
    }
    kept = {key: value for key, value in values.items() if value is not None}
    return VersionBody(
        **texts,
        model=kept.get("model"),
        required_fields=tuple(_under("field ", kept).values()),
        model_params=ModelParams.model_validate(_under("param ", kept)),
        guardrail_config=kept["checks"],
        dependencies=kept.get("parts", ()),
    )


def _text(picked: tuple[Item, Side]) -> str:
    item, side = picked
    return {"theirs": item.theirs, "yours": item.yours, "both": item.both or item.yours}[side]


def merge_lines(base: str, theirs: str, yours: str) -> str | None:
    """Return a text with the edits of both, None where they touch the same or adjoining lines."""
    before = base.splitlines(keepends=True)
    edits = sorted({*_edits(before, theirs), *_edits(before, yours)})
    for (_, end, _), (start, _, _) in pairwise(edits):
        if start <= end:
            return None
    merged: list[str] = []
    at = 0
    for start, end, new in edits:
        merged += [*before[at:start], *new]
        at = end
    return "".join([*merged, *before[at:]])


def _edits(before: list[str], text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    after = text.splitlines(keepends=True)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag != "equal":
            yield start, end, tuple(after[new_start:new_end])


def _texts(theirs: VersionBody, yours: VersionBody, base: VersionBody) -> Iterator[Item]:
    for area, title in AREAS:
        one, other, first = (getattr(body, area) for body in (theirs, yours, base))
        if one == other:
            continue
        both = merge_lines(first, one, other) if first not in (one, other) else None
        suggested = "both" if both is not None else _suggest(one, other, first)
        yield Item(area, title, one, other, suggested, is_text=True, both=both)


def _item(key: str, theirs: Any, yours: Any, base: Any) -> Item:
    kind, _, name = key.partition(" ")
    title = {"field": f"Variable {name}", "param": name.replace("_", " ").capitalize()}.get(
        kind, kind.capitalize()
    )
    return Item(key, title, _say(theirs), _say(yours), _suggest(theirs, yours, base))


def _suggest(theirs: Any, yours: Any, base: Any) -> Side:
    """Return the side that changed; where both did, one's own."""
    return "theirs" if yours == base and theirs != base else "yours"


def _values(body: VersionBody) -> dict[str, Any]:
    """Return everything but the texts by a name; what is not set has none."""
    values: dict[str, Any] = {"model": body.model} if body.model else {}
    values |= {f"field {field.name}": field for field in body.required_fields}
    params = body.model_params.model_dump(exclude_none=True)
    values |= {f"param {name}": value for name, value in params.items()}
    values["checks"] = body.guardrail_config
    return values | ({"parts": body.dependencies} if body.dependencies else {})


def _under(prefix: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key.removeprefix(prefix): value for key, value in values.items() if key.startswith(prefix)
    }


def _of(side: Side, theirs: Any, yours: Any) -> Any:
    return theirs if side == "theirs" else yours


def _say(value: Any) -> str:
    match value:
        case None:
            return NOT_SET
        case RequiredField():
            words = [value.type, "required" if value.required else "optional"]
            words += [f"default {value.default}"] if value.default is not None else []
            return ", ".join([*words, *filter(None, [value.description])])
        case list() | tuple():
            return ", ".join(map(_say_one, cast("Sequence[object]", value)))
        case GuardrailPolicy():
            said = value.model_dump(mode="json", exclude_defaults=True)
            return json.dumps(said, ensure_ascii=False) if said else "none"
        case _:
            return str(value)


def _say_one(value: object) -> str:
    if isinstance(value, Dependency):
        return f"{value.dependency_type} {value.prompt_id} {value.version}"
    return str(value)
