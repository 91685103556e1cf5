"""Own what goes into an execution and what comes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bson import ObjectId

from core.execution.running import Running
from core.metrics import Metrics
from core.providers.registry import Registry
from core.rate_limits import RateLimits
from core.settings import ExecutionSettings, ProviderSettings
from core.values.body import VersionBody
from core.values.generation import ModelParams
from core.values.messages import Message
from core.values.usage import Usage
from core.values.verdict import Verdict
from prompthub.wire.literals import CostStatus, ExecutionStatus, FinishReason

if TYPE_CHECKING:
    from core.tracing.otel import Tracing  # loaded only where something is traced


@dataclass(frozen=True, slots=True)
class Engine:
    """What executions run on: the providers, their settings, the limits, the count of the minute.

    One per process, made by the composition root; `tracing` is None where nothing is traced.
    """

    registry: Registry
    settings: ProviderSettings
    limits: ExecutionSettings
    rate: RateLimits = field(default_factory=RateLimits)
    metrics: Metrics = field(default_factory=Metrics)
    running: Running = field(default_factory=Running)
    tracing: "Tracing | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionRequest:
    """One run to make: a saved version (`prompt_id`, `version`) or an unsaved `body`.

    `version` is a selector (`1.2.0`, `latest`, `label:NAME`; None is `latest`) and is not looked
    at when `body` is given; `prompt_id` then only names the prompt that the body belongs to.
    `application_id` may be left out where `prompt_id` leads to a single application.
    `messages` follow the rendered ones: what somebody says to the prompt, with what was said
    before in a conversation; checks see them as given by the caller.
    `model` (connection/model) and `model_params` override the version's. `comparison_id` names
    the comparison that this is a cell of, `verifies` the execution whose answer this one judges:
    PromptHub's own body, which whoever made that execution may run. Repeated within 24 hours under
    the same `idempotency_key`, a request is answered from the log; the model is not called again.
    """

    application_id: ObjectId | None = None
    prompt_id: str | None = None
    version: str | None = None
    body: VersionBody | None = None
    variables: Mapping[str, Any] = field(default_factory=dict[str, Any])
    messages: tuple[Message, ...] = ()
    model: str | None = None
    model_params: ModelParams | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    comparison_id: str | None = None
    verifies: ObjectId | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The row is written and the model is being called; first item of a stream."""

    execution_id: ObjectId
    model: str
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionResult:
    """A successful execution; `guardrails` are its verdicts, all of which passed.

    `model` is connection/model, `cost_usd` unrounded US dollars or None when unknown; usage that
    the provider did not report is an estimate and says so.
    """

    execution_id: ObjectId
    status: ExecutionStatus
    text: str
    model: str
    version: str | None
    usage: Usage
    cost_usd: Decimal | None
    cost_status: CostStatus
    latency_ms: float
    time_to_first_token_ms: float | None
    finish_reason: FinishReason
    omitted_params: tuple[str, ...]
    guardrails: tuple[Verdict, ...] = ()
