"""Own the stored comparison: columns that answer the same inputs, and where their answers are."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from core.documents.base import Changing
from core.values.body import ModelName, Text, VersionBody
from core.values.generation import ModelParams
from core.values.ids import Id


class Column(BaseModel):
    """What one column runs: a prompt's version by selector, or an unsaved `body`.

    `model` and `model_params` override the version's; `label` is for people. A selector such as
    `latest` is resolved anew at each run, and the execution's row says to which version.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: Text = Field(default="", max_length=200)
    prompt_id: Text | None = Field(default=None, max_length=64)
    version: Text | None = Field(default=None, max_length=100)
    body: VersionBody | None = None
    model: ModelName | None = None
    model_params: ModelParams | None = None


class CellState(BaseModel):
    """How far a cell came: its execution, or the error when it failed before one was recorded."""

    execution_id: Id | None = None
    error_type: str | None = None
    error_message: str | None = None


class Pick(BaseModel):
    """Which column's answer to an input a person took for the best, in one repetition."""

    input: int
    repetition: int
    column: int
    user_id: Id


class Comparison(Changing):
    """Columns over inputs (values of the variables), each cell `repetitions` times.

    `cells` maps "column:input:repetition", counted from 0, to the state of the last run of that
    cell; one that is absent has not been run. Of `picks` there is at most one for each input,
    repetition and person.
    """

    application_id: Id
    name: str
    created_by: str = ""
    columns: list[Column]
    inputs: list[dict[str, Any]]
    repetitions: int = 1
    cells: dict[str, CellState] = Field(default_factory=dict[str, CellState])
    picks: list[Pick] = Field(default_factory=list[Pick])

    class Settings:
        name = "comparisons"
        indexes = [
            # With the name, so that a search for one reads no comparison that is not shown.
            IndexModel(
                [
                    ("application_id", ASCENDING),
                    ("created_at", DESCENDING),
                    ("_id", DESCENDING),
                    ("name", ASCENDING),
                ],
                name="application_recent_names",
            ),
            IndexModel([("picks.user_id", ASCENDING)], name="picks_user"),
        ]
