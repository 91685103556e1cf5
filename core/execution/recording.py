"""Own the recording around one model call: whatever happens in the block, its row is closed."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from types import TracebackType
from typing import Any, Self

from bson import ObjectId
from pymongo.errors import PyMongoError

from core.clock import Stopwatch
from core.errors import GuardrailBlocked, PromptHubError
from core.execution.idempotency import facts_to_repeat, open_first
from core.execution.observed import Answer, Observed
from core.execution.outcome import cost_fields, outcome_of, usage_fields
from core.execution.prepare import Prepared
from core.execution.record import close_record, keep_alive
from core.execution.request import Engine, ExecutionRequest, ExecutionResult, Started
from core.execution.verification import Ask, verify
from core.guardrails.apply import check_input, check_output, require_passed
from core.guardrails.hooks import Finished, audit
from core.providers.answer import estimate_usage
from core.providers.base import Chunk, Completion
from core.providers.pricing import Price, price
from core.providers.retry import Attempts
from core.values.guardrail_policy import Verification
from core.values.usage import Usage
from core.values.verdict import Verdict
from prompthub.wire.literals import ExecutionStatus


class Recording:
    """Hold the row of a prepared execution open while the block calls the model.

    `check_input` comes first, then `attempts` makes the calls. `succeed` checks the answer and
    closes the row; an error or a cancellation that leaves the block closes it too, and an error
    of ours carries `execution_id` and `execution_status` in its facts from then on.
    """

    def __init__(
        self,
        prepared: Prepared,
        engine: Engine,
        *,
        request: ExecutionRequest,
        ask: Ask,
        is_streaming: bool = False,
    ) -> None:
        self._prepared = prepared
        self._asked = request
        self._ask = ask
        self._is_streaming = is_streaming
        self._running = engine.running
        self._observed = Observed(engine, prepared.row, model=prepared.model)
        self._row = prepared.row
        self._lease_seconds = engine.limits.lease_seconds
        self._deadline_seconds = engine.settings.deadline_seconds
        self._pieces: list[str] = []
        self._first_text_ms: float | None = None
        self._verdicts: tuple[Verdict, ...] = ()
        self._findings: list[dict[str, str]] = []
        self._answered: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        await open_first(self._row, lease_seconds=self._lease_seconds)
        self._renewal = asyncio.create_task(
            keep_alive(
                self._row,
                lease_seconds=self._lease_seconds,
                longest_seconds=self._deadline_seconds * (2 if self._verification else 1),
            )
        )
        self._watch = Stopwatch()
        self.attempts = Attempts(
            self._prepared.resolved.provider, deadline_seconds=self._deadline_seconds
        )
        self._running.enter(self.attempts)
        self._observed.begin()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._renewal.cancel()
        status, facts = ("success", {}) if error is None else outcome_of(error)
        try:
            if error is not None:
                await self._fail(error, status, facts)
        finally:
            self._running.leave(self.attempts)
            self._observed.end(
                status,
                error_type=facts.get("error_type"),
                check=error.check if isinstance(error, GuardrailBlocked) else None,
            )

    async def _fail(
        self, error: BaseException, status: ExecutionStatus, facts: dict[str, Any]
    ) -> None:
        facts |= facts_to_repeat(self._row, error)
        was_broken_off = bool(self._pieces) and not self._answered
        counted = self._prepared.budget.count(None if was_broken_off else Decimal(0))
        # The first failure is the one to report; a row that cannot be closed is swept later.
        with suppress(PyMongoError):
            await close_record(self._row, {**self._so_far(), **facts, "status": status})
            await counted
        if isinstance(error, PromptHubError):
            error.add_facts(execution_id=str(self._row.key), execution_status=status)

    @property
    def started(self) -> Started:
        """What is known before the first word."""
        return Started(
            execution_id=self._row.key, model=self._prepared.model, version=self._row.version
        )

    @property
    def checks_answer(self) -> bool:
        """Whether the answer may be handed on only when `succeed` has passed it."""
        return self._prepared.policy.post_validation.enabled

    async def check_input(self) -> None:
        """Pass when the version's checks of the input do; the time of the call begins after.

        Raises:
            GuardrailBlocked: one does not.
            Invalid: one is not known here.
            NotConfigured, ProviderError: the provider cannot be made ready to be asked.
        """
        policy = self._prepared.policy.pre_validation
        self._verdicts = await check_input(policy, self._prepared.checked)
        if not self._has_passed():
            await self._finish(None)
        await self.attempts.open(self._prepared.request)
        self._watch = Stopwatch()
        self._observed.call(
            self._prepared.resolved, self._prepared.request, is_streaming=self._is_streaming
        )

    def hear(self, chunk: Chunk) -> None:
        """Keep a piece of a streamed answer, and the time of the first."""
        if self._first_text_ms is None:
            self._first_text_ms = self._watch.elapsed_ms()
            self._observed.first_text(self._first_text_ms)
        self._pieces.append(chunk.text)

    async def succeed(self, completion: Completion) -> ExecutionResult:
        """Price and check the answer, close the row with it, and return the result.

        Raises:
            GuardrailBlocked: a check refused it; the row keeps it and what it cost.
        """
        latency_ms = self._watch.elapsed_ms()
        usage = completion.usage or estimate_usage(self._prepared.request.messages, completion.text)
        resolved = self._prepared.resolved
        # In a thread: the first price of a process reads a table of 30,000 lines.
        connection = resolved.connection
        cost = await asyncio.to_thread(
            price, connection.kind, resolved.model, usage, connection.prices
        )
        self._answered = {
            "latency_ms": latency_ms,
            **self._answer_fields(completion),
            **usage_fields(usage),
            **cost_fields(cost),
        }
        self._tell(completion, usage, cost, latency_ms)
        await self._prepared.budget.count(cost.cost_usd)
        await self._judge(completion.text)
        await self._finish(completion.text)
        await close_record(self._row, {**self._so_far(), "status": "success"})
        return ExecutionResult(
            execution_id=self._row.key,
            status="success",
            text=completion.text,
            model=self._prepared.model,
            version=self._row.version,
            usage=usage,
            cost_usd=cost.cost_usd,
            cost_status=cost.status,
            latency_ms=latency_ms,
            time_to_first_token_ms=self._first_text_ms,
            finish_reason=completion.finish_reason,
            omitted_params=completion.omitted_params,
            guardrails=self._verdicts,
        )

    def _tell(self, completion: Completion, usage: Usage, cost: Price, latency_ms: float) -> None:
        answer = Answer(
            completion=completion,
            usage=usage,
            cost=cost,
            latency_ms=latency_ms,
            first_text_ms=self._first_text_ms,
            attempts=self.attempts.made,
        )
        keeps_content = self._prepared.keeps_content
        self._observed.answer(answer, self._prepared.request.messages if keeps_content else None)

    @property
    def _verification(self) -> Verification | None:
        post = self._prepared.policy.post_validation
        return post.verification if post.enabled else None

    async def _judge(self, answer: str) -> None:
        """Add the verdicts of the answer; a verifier is paid for only if all others pass."""
        post = self._prepared.policy.post_validation
        self._verdicts += await check_output(post, answer)
        if self._verification is not None and self._has_passed():
            answered = replace(
                self._asked, application_id=self._row.application_id, model=self._prepared.model
            )
            with self._observed.around():
                verdict = await verify(
                    self._verification,
                    answered,
                    execution_id=self._row.key,
                    messages=self._prepared.request.messages,
                    answer=answer,
                    ask=self._ask,
                )
            self._verdicts += (verdict,)

    async def _finish(self, answer: str | None) -> None:
        """Show the response to the audit hooks, then pass when no check refused it.

        Raises:
            GuardrailBlocked: one did.
        """
        self._findings = await audit(
            Finished(
                execution_id=str(self._row.key),
                application_id=str(self._row.application_id),
                prompt_id=self._row.prompt_id,
                version=self._row.version,
                model=self._prepared.model,
                status="success" if self._has_passed() else "blocked",
                messages=self._prepared.request.messages,
                answer=answer,
                verdicts=self._verdicts,
            )
        )
        require_passed(self._verdicts)

    def _has_passed(self) -> bool:
        return all(verdict.passed for verdict in self._verdicts)

    def _answer_fields(self, completion: Completion) -> dict[str, Any]:
        return {
            "attempts": self.attempts.made,
            "time_to_first_token_ms": self._first_text_ms,
            "response_model": completion.response_model,
            "finish_reason": completion.finish_reason,
            "omitted_params": list(completion.omitted_params),
            **self._output(completion.text),
        }

    def _so_far(self) -> dict[str, Any]:
        """Return what the row keeps: times, attempts, verdicts, the answer as far as heard."""
        if self._answered:
            return self._answered | self._judged()
        fields: dict[str, Any] = {
            "attempts": self.attempts.made,
            "latency_ms": self._watch.elapsed_ms(),
            "time_to_first_token_ms": self._first_text_ms,
            **self._judged(),
        }
        if self._pieces:
            text = "".join(self._pieces)
            fields |= self._output(text)
            fields |= usage_fields(estimate_usage(self._prepared.request.messages, text))
        return fields

    def _judged(self) -> dict[str, Any]:
        return {
            "guardrail_verdicts": [verdict.model_dump() for verdict in self._verdicts],
            "findings": self._findings,
        }

    def _output(self, text: str) -> dict[str, Any]:
        return {"output_data": {"text": text}} if self._prepared.keeps_content else {}


def execution_of(error: PromptHubError) -> ObjectId | None:
    """Return the execution whose failure `error` is, None when no row was written."""
    known = error.facts.get("execution_id")
    return ObjectId(known) if isinstance(known, str) else None
