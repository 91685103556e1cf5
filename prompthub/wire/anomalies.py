"""Own the shapes of anomalies."""

from typing import Annotated, Final

from pydantic import Field

from prompthub.wire.base import Answer, Id, Moment, Page, Request
from prompthub.wire.literals import AnomalyMeasure, AnomalyPattern, AnomalyState, ChangeKind

MAX_NOTE_CHARS: Final = 2000
MAX_MUTE_HOURS: Final = 24 * 90


class AnomalyChange(Answer):
    """What changed about the time at which an anomaly began; `actor` is null where nobody did."""

    kind: ChangeKind
    at: Moment
    subject: str
    before: str
    after: str
    actor: str | None


class Anomaly(Answer):
    """Something unusual of one version on one model.

    `observed` and `expected` are tokens, US dollars or milliseconds of a successful run, or shares
    of runs (errors, blocks); of 100 usual hours 99 lie from `expected_low` to `expected_high`.
    `ended_at` is null while it goes on; `is_settled` says that it lasted for a week and is what is
    expected now. `examples` are executions that show it.
    """

    id: Id
    application_id: Id
    prompt_id: str
    version: str
    model: str
    measure: AnomalyMeasure
    pattern: AnomalyPattern
    state: AnomalyState
    started_at: Moment
    last_seen_at: Moment
    ended_at: Moment | None
    is_settled: bool
    observed: float
    expected: float
    expected_low: float
    expected_high: float
    runs: int
    examples: list[Id]
    changes: list[AnomalyChange]
    acknowledged_at: Moment | None
    acknowledged_by: str | None
    note: str
    muted_until: Moment | None
    muted_by: str | None


class AnomalyPage(Page[Anomaly]):
    """One page of anomalies, those that began last first; `total` stops counting at 10,000."""

    total_is_capped: bool


class NewAcknowledgement(Request):
    """That somebody knows of an anomaly, and what there is to say about it."""

    note: Annotated[str, Field(max_length=MAX_NOTE_CHARS)] = ""


class NewMute(Request):
    """For how many hours from now the measure of the version on the model is quiet; 0 ends it."""

    hours: Annotated[int, Field(strict=True, ge=0, le=MAX_MUTE_HOURS)]
