"""Own the shapes of executions."""

from typing import Any

from prompthub.wire.base import Answer, Id, Moment, Page, Request, Usd
from prompthub.wire.literals import (
    CheckStage,
    CostStatus,
    DependencyType,
    ExecutionStatus,
    FinishReason,
)
from prompthub.wire.versions import ModelParams, RenderedMessage, VersionBody


class ExecuteRequest(Request):
    """How to run a version; `stream` answers with Server-Sent Events.

    `message` is sent as one more message of the user, after those of the version.
    """

    variables: dict[str, Any] = {}
    model: str | None = None
    model_params: ModelParams | None = None
    message: str | None = None
    stream: bool = False
    metadata: dict[str, Any] = {}


class TestPromptRequest(VersionBody):
    """An unsaved version to be run once; nothing but the execution row is stored.

    `message` is sent as one more message of the user, after those of the version.
    """

    application_id: Id
    variables: dict[str, Any] = {}
    message: str | None = None
    stream: bool = False
    metadata: dict[str, Any] = {}


class Output(Answer):
    """What the model said."""

    text: str


class Usage(Answer):
    """Tokens of one call; an estimate of ours where the provider did not say."""

    input_tokens: int | None
    output_tokens: int | None
    is_estimated: bool


class Verdict(Answer):
    """What one check said; `score` (0 to 1) only for checks of the input.

    A verifier names its own `execution_id`, and in `error_type` why it gave no verdict.
    """

    check: str
    stage: CheckStage
    passed: bool
    score: float | None = None
    reason: str
    error_type: str | None = None
    execution_id: Id | None = None


class Finding(Answer):
    """What an audit hook noticed about a finished run."""

    hook: str
    code: str
    message: str


class Execution(Answer):
    """One recorded run. Times are milliseconds; `cost_usd` is null when the price is unknown."""

    execution_id: Id
    status: ExecutionStatus
    output: Output
    model: str
    version: str | None
    usage: Usage
    cost_usd: Usd | None
    cost_status: CostStatus
    latency_ms: float | None
    time_to_first_token_ms: float | None
    finish_reason: FinishReason | None
    guardrails: list[Verdict]


class Start(Answer):
    """First event of a stream: the run is recorded and the model is being asked."""

    execution_id: Id
    model: str
    version: str | None


class Delta(Answer):
    """A piece of the answer; joined, the pieces are its text."""

    text: str


class ExecutionError(Answer):
    """Why a run failed, in words of ours."""

    type: str
    message: str


class UsedVersion(Answer):
    """A version that the prompt of a run was made of."""

    dependency_type: DependencyType
    prompt_id: str
    version: str


class ExecutionRow(Execution):
    """A run as the log keeps it."""

    application_id: Id
    prompt_id: str | None
    user_id: Id | None
    verifies: Id | None
    response_model: str | None
    variables: dict[str, Any]
    messages: list[RenderedMessage]
    findings: list[Finding]
    dependencies: list[UsedVersion]
    omitted_params: list[str]
    error: ExecutionError | None
    metadata: dict[str, Any]
    created_at: Moment
    finished_at: Moment | None


class Erased(Answer):
    """How many executions and ratings lost their words; `running` ones have to be asked again.

    `examples` are the person's saved inputs, `sources` the texts and files that the person brought
    to find prompts in; both were deleted.
    """

    executions: int
    ratings: int
    running: int
    examples: int
    sources: int


class ExecutionPage(Page[ExecutionRow]):
    """Runs, newest first; `total` stops counting at 10,000."""

    total_is_capped: bool
