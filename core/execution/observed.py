"""Own what metrics and traces are told of an execution; the log row is `recording`'s."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import orjson

from core.clock import Stopwatch
from core.documents import ExecutionLog
from core.execution.request import Engine
from core.providers.base import Completion, CompletionRequest
from core.providers.pricing import Price
from core.providers.registry import ResolvedModel
from core.telemetry import PROVIDERS, Attribute
from core.values.messages import Message
from core.values.usage import Usage
from prompthub.wire.literals import ExecutionStatus

if TYPE_CHECKING:
    from core.tracing.otel import Fields, Span

# A refusal by a check is what was asked for, and a caller that has gone is no fault.
_FAULTS: Final = ("failed", "timeout")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a model answered, and what it took."""

    completion: Completion
    usage: Usage
    cost: Price
    latency_ms: float
    first_text_ms: float | None
    attempts: int


class Observed:
    """One execution: a span from its row's beginning to its end, and one below for the call.

    `model` is connection/model, by which metrics count.
    """

    def __init__(self, engine: Engine, row: ExecutionLog, *, model: str) -> None:
        self._metrics = engine.metrics
        self._tracing = engine.tracing
        self._row = row
        self._model = model
        self._span: Span | None = None
        self._call: _Call | None = None

    def begin(self) -> None:
        """Begin the span, below what the running task is in."""
        if self._tracing is not None:
            self._span = self._tracing.begin(
                f"execute {self._row.prompt_id or 'unsaved'}",
                "internal",
                _names_of(self._row),
                at=self._row.created_at,
            )

    def call(
        self, resolved: ResolvedModel, request: CompletionRequest, *, is_streaming: bool
    ) -> None:
        """Begin the span of the model's answer, retries included."""
        if self._tracing is None or self._span is None:
            return
        kept = _kept_of(resolved)
        span = self._tracing.child_of(
            self._span,
            f"chat {resolved.model}",
            {
                **kept,
                **_names_of(self._row),
                "connection": resolved.connection.name,
                "is_streaming": is_streaming or None,
                **_params_of(request),
            },
        )
        self._call = _Call(span, Stopwatch(), kept)

    def first_text(self, after_ms: float) -> None:
        """Count the time to the first piece of a streamed answer."""
        self._metrics.count_first_text(self._model, after_ms)
        if self._tracing is not None and self._call is not None:
            self._tracing.measure_first_chunk(after_ms / 1000, self._call.kept)

    def answer(self, answer: Answer, messages: Sequence[Message] | None) -> None:
        """Count the answer and end the span of its call; `messages` are None where none is kept."""
        usage = answer.usage
        self._metrics.count_call(
            self._model,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cost_usd=answer.cost.cost_usd,
            latency_ms=answer.latency_ms,
        )
        call, self._call = self._call, None
        if self._tracing is None or call is None:
            return
        call.span.tell(_answer_fields(answer))
        if messages is not None and self._tracing.keeps_content:
            call.span.tell(_content(messages, answer.completion))
        call.span.end()
        kept: Fields = {**call.kept, "response_model": answer.completion.response_model}
        self._tracing.measure_call(answer.latency_ms / 1000, kept)
        if not usage.is_estimated:
            tokens = {"input": usage.input_tokens, "output": usage.output_tokens}
            self._tracing.measure_tokens(tokens, kept)

    @contextmanager
    def around(self) -> Generator[None]:
        """Put the executions that are made in the block below this one; nothing may be yielded."""
        if self._span is None:
            yield
            return
        with self._span.around():
            yield

    def end(
        self, status: ExecutionStatus, *, error_type: str | None = None, check: str | None = None
    ) -> None:
        """Count the execution and end its span; `check` is the one that refused it."""
        self._metrics.count_execution(self._model, status)
        if check is not None:
            self._metrics.count_block(check)
        if self._tracing is None or self._span is None:
            return
        is_error = status in _FAULTS
        told: Fields = {"error_type": None if status == "blocked" else error_type}
        if self._call is not None:
            self._call.span.tell(told)
            self._call.span.end(is_error=is_error)
            self._tracing.measure_call(
                self._call.watch.elapsed_ms() / 1000, {**self._call.kept, **told}
            )
        self._span.tell({**told, "execution_status": status, "check": check})
        self._span.end(is_error=is_error)


@dataclass(frozen=True, slots=True)
class _Call:
    span: "Span"
    watch: Stopwatch
    kept: "Fields"


def _names_of(row: ExecutionLog) -> dict[str, Attribute | None]:
    return {
        "execution_id": str(row.key),
        "application_id": str(row.application_id),
        "prompt_id": row.prompt_id,
        "version": row.version,
        "request_id": row.request_id,
        "comparison_id": row.comparison_id,
        "verifies": None if row.verifies is None else str(row.verifies),
    }


def _kept_of(resolved: ResolvedModel) -> dict[str, Attribute | None]:
    """Return what metrics keep of a call: few values, none of them a caller's."""
    connection = resolved.connection
    vendor = connection.vendor or connection.kind
    host, port = _server_of(connection.base_url)
    return {
        "operation": "chat",
        "provider": PROVIDERS.get(vendor, vendor),
        "request_model": resolved.model,
        "server_address": host,
        "server_port": port,
    }


def _server_of(base_url: str) -> tuple[str | None, int | None]:
    try:
        server = urlsplit(base_url)
        port = server.port or {"http": 80, "https": 443}.get(server.scheme)
    except ValueError:  # an address of the environment is checked by nobody before it is called
        return None, None
    return (server.hostname, port) if server.hostname else (None, None)


def _params_of(request: CompletionRequest) -> dict[str, Attribute | None]:
    params = request.params
    return {
        "temperature": params.temperature,
        "max_tokens": params.max_tokens,
        "top_p": params.top_p,
        "frequency_penalty": params.frequency_penalty,
        "presence_penalty": params.presence_penalty,
        "stop": None if params.stop is None else list(params.stop),
        "seed": params.seed,
    }


def _answer_fields(answer: Answer) -> dict[str, Attribute | None]:
    usage, completion = answer.usage, answer.completion
    first_ms = answer.first_text_ms
    return {
        "response_model": completion.response_model,
        "finish_reasons": [completion.finish_reason],
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read_input_tokens": usage.cache_read_input_tokens or None,
        "reasoning_output_tokens": usage.reasoning_output_tokens or None,
        "tokens_estimated": usage.is_estimated or None,
        "time_to_first_token_seconds": None if first_ms is None else first_ms / 1000,
        "cost_usd": None if answer.cost.cost_usd is None else float(answer.cost.cost_usd),
        "attempts": answer.attempts,
    }


def _content(messages: Sequence[Message], completion: Completion) -> dict[str, Attribute | None]:
    """Return messages and answer in the standard's form, as JSON because spans take no objects."""
    sent = [
        {"role": message.role, "parts": [{"type": "text", "content": message.content}]}
        for message in messages
    ]
    answered = {
        "role": "assistant",
        "parts": [{"type": "text", "content": completion.text}],
        "finish_reason": completion.finish_reason,
    }
    return {
        "input_messages": orjson.dumps(sent).decode(),
        "output_messages": orjson.dumps([answered]).decode(),
    }
