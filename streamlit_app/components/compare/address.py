"""Own the columns of a comparison that is being set up: they stand in the address of the page."""

from collections.abc import Sequence
from typing import Final

import streamlit as st
from pydantic import BaseModel, ConfigDict, ValidationError

from core.documents import Column
from core.execution.comparisons import MAX_COLUMNS
from core.values.body import ModelName, Text
from core.values.generation import ModelParams
from streamlit_app.components.model_picker import usual_model
from streamlit_app.components.run_target import Target

COLUMN: Final = "column"
# What the address says of a set-up, and of a comparison that is looked at.
# Those of widgets (inputs, examples, repetitions, input, repetition, blind) go by themselves with
# their widgets.
SETUP: Final = ("prompt", "application", "version", "model", COLUMN)
OPENED: Final = ("comparison", "differences")


class Wanted(BaseModel):
    """One column as the address has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: ModelName | None = None
    version: Text | None = None
    params: ModelParams | None = None


def read_columns(target: Target) -> list[Wanted]:
    """Return the columns of the address; those it cannot mean are left out.

    Without any: each version named there, on each model named there, else on the first two.
    """
    found: list[Wanted] = []
    for text in st.query_params.get_all(COLUMN)[:MAX_COLUMNS]:
        try:
            found.append(Wanted.model_validate_json(text))
        except ValidationError:
            continue
    return found or first_columns(target)


def first_columns(target: Target) -> list[Wanted]:
    """Return the columns to begin with."""
    versions = st.query_params.get_all("version") or [target.selector]
    number = 2 if len(versions) == 1 else 1
    models = st.query_params.get_all("model") or _first_models(target, number)
    wanted = [
        Wanted(model=model, version=version) for version in versions for model in models or [None]
    ]
    return wanted[:MAX_COLUMNS]


def _first_models(target: Target, count: int) -> list[str]:
    usual = usual_model(target)
    others = [one.name for one in target.models if one.is_demo is target.is_demo_only]
    return list(dict.fromkeys(filter(None, (usual, *others))))[:count]


def write_columns(columns: Sequence[Wanted]) -> None:
    """Put the columns into the address of a set-up; for callbacks."""
    if OPENED[0] in st.query_params:
        return  # a field told its value after the comparison had begun
    st.query_params[COLUMN] = [one.model_dump_json(exclude_none=True) for one in columns]


def as_columns(columns: Sequence[Wanted], prompt_id: str) -> list[Column]:
    """Return the columns as a comparison stores them."""
    return [
        Column(prompt_id=prompt_id, version=one.version, model=one.model, model_params=one.params)
        for one in columns
    ]


def address_of(
    prompt_id: str, application_id: object, columns: Sequence[Column]
) -> dict[str, str | list[str]]:
    """Return the address that sets the same columns up again."""
    wanted = [
        Wanted(model=one.model, version=one.version, params=one.model_params) for one in columns
    ]
    return {
        "prompt": prompt_id,
        "application": str(application_id),
        COLUMN: [one.model_dump_json(exclude_none=True) for one in wanted],
    }


def leave(names: Sequence[str]) -> None:
    """Take names out of the address."""
    for name in names:
        st.query_params.pop(name, None)
