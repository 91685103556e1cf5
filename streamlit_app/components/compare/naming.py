"""Own what the columns of a comparison are called, so that no two share a name."""

from collections import Counter
from collections.abc import Sequence

from core.documents import Column
from core.values.generation import ModelParams
from streamlit_app.components.params import PARAMS

OWN_MODEL = "the version's model"


def column_names(columns: Sequence[Column]) -> list[str]:
    """Return a name for each: the model's, with version, parameters or a number where it takes."""
    short = [column.label or _model(column.model) for column in columns]
    if len({column.version for column in columns}) > 1:
        short = [
            name if column.label else " ".join(filter(None, (name, version_words(column.version))))
            for name, column in zip(short, columns, strict=True)
        ]
    counted = Counter(short)
    told = [
        " ".join(filter(None, (name, params_words(column.model_params))))
        if counted[name] > 1
        else name
        for name, column in zip(short, columns, strict=True)
    ]
    return [
        f"{name} ({told[:at].count(name) + 1})" if told.count(name) > 1 else name
        for at, name in enumerate(told)
    ]


def version_words(selector: str | None) -> str:
    """Return a selector of a version as people write it: v1.2.0, latest, production."""
    if not selector:
        return ""
    label = selector.removeprefix("label:")
    return f"v{selector}" if selector[0].isdigit() else label


def params_words(params: ModelParams | None) -> str:
    """Return the parameters that a column sets: temperature 0.2, seed 1."""
    given = params.model_dump(exclude_none=True) if params else {}
    return ", ".join(f"{PARAMS[name].title.lower()} {_say(value)}" for name, value in given.items())


def _model(model: str | None) -> str:
    return model.partition("/")[2] if model else OWN_MODEL


def _say(value: float | tuple[str, ...]) -> str:
    return " ".join(value) if isinstance(value, tuple) else f"{value}"
