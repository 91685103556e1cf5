"""Own the verdict: what one check said about one execution."""

from pydantic import BaseModel, ConfigDict

from prompthub.wire.literals import CheckStage


class Verdict(BaseModel):
    """One check's result; `score` is 0 to 1 for checks of the input, None for the others.

    `error_type` says why a verifier gave no verdict of its own, `execution_id` names its call.
    `reason` is a sentence that never repeats what was checked, for it is kept and shown also
    where contents are not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    check: str
    stage: CheckStage
    passed: bool
    score: float | None = None
    reason: str
    error_type: str | None = None
    execution_id: str | None = None
