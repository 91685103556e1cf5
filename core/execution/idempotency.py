"""Own the executions asked for more than once under one key: the model is called for one."""

import hashlib
import json
from datetime import timedelta
from typing import Any, Final, Never

from pymongo.errors import DuplicateKeyError

from core import clock
from core.documents import ExecutionLog
from core.errors import (
    Conflict,
    ExecutionRunning,
    GuardrailBlocked,
    Invalid,
    PromptHubError,
    ProviderError,
    ProviderOverloaded,
    ProviderRefused,
    ProviderTimeout,
)
from core.execution.record import open_record
from core.execution.request import ExecutionRequest, ExecutionResult
from core.execution.storable import check_messages
from core.values.storable import check_storable
from core.values.usage import Usage
from core.values.verdict import Verdict

KEPT: Final = timedelta(hours=24)
# 1 to 255 visible characters of ASCII.
KEY_PATTERN: Final = r"^[!-~]{1,255}$"

_OF_PROVIDERS: Final[dict[str, type[ProviderError]]] = {
    kind.code: kind
    for kind in (ProviderError, ProviderTimeout, ProviderOverloaded, ProviderRefused)
}


class AnsweredBefore(Exception):
    """The same was run before under the same key: `run` and `stream` end with this result."""

    def __init__(self, result: ExecutionResult) -> None:
        super().__init__(str(result.execution_id))
        self.result = result


def digest_of(request: ExecutionRequest) -> str:
    """Return what tells one request from another; whether it is streamed makes no difference.

    Raises:
        Invalid: variables, metadata or messages are not plain data.
        TooLarge: they are too long.
    """
    check_storable(dict(request.variables), field="variables")
    check_storable(dict(request.metadata), field="metadata")
    params = request.model_params
    asked: dict[str, Any] = {
        "prompt_id": request.prompt_id,
        "version": request.version or "latest",
        "body": request.body.model_dump(mode="json") if request.body else None,
        "variables": dict(request.variables),
        "model": request.model,
        "model_params": params.model_dump(mode="json", exclude_none=True) if params else {},
        "metadata": dict(request.metadata),
    }
    if request.messages:  # so that what came without any keeps its digest
        check_messages(request.messages)
        asked["messages"] = [message.model_dump() for message in request.messages]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


async def require_first(row: ExecutionLog) -> None:
    """Pass when the row has no key, or none of the last 24 hours in its application holds it.

    An older one lets go of the key.

    Raises:
        AnsweredBefore: the same succeeded.
        ExecutionRunning: the same is running.
        PromptHubError: the same failed; its error again.
        Conflict: the same ended without anything that could be given again.
        Invalid: the key stands for another request.
    """
    if row.idempotency_key is None:
        return
    holder = {"application_id": row.application_id, "idempotency_key": row.idempotency_key}
    earlier = await ExecutionLog.find_one(holder)
    if earlier is None:
        return
    if earlier.created_at < clock.now() - KEPT:
        held = {"_id": earlier.key, **holder}
        await ExecutionLog.collection().update_one(held, {"$unset": {"idempotency_key": ""}})
        return
    if earlier.request_digest != row.request_digest:
        raise Invalid(
            "This key was used for another request within the last 24 hours.",
            field="Idempotency-Key",
            remedy="Use a new key for each request, and the same one only to repeat it unchanged.",
        )
    _repeat(earlier)


async def open_first(row: ExecutionLog, *, lease_seconds: float) -> None:
    """Store the execution as running; of several at once under one key, one passes.

    Raises:
        AnsweredBefore: as `require_first`, and so are the others.
    """
    while True:
        try:
            await open_record(row, lease_seconds=lease_seconds)
        except DuplicateKeyError:
            await require_first(row)
        else:
            return


def facts_to_repeat(row: ExecutionLog, error: BaseException) -> dict[str, Any]:
    """Return what a row under a key keeps of an error to be able to raise it again."""
    if row.idempotency_key is None or not isinstance(error, PromptHubError):
        return {}
    texts = {name: fact for name, fact in error.facts.items() if isinstance(fact, str)}
    return {"error_facts": texts}


def _repeat(row: ExecutionLog) -> Never:
    """Raise what the row ended with."""
    if row.status == "running":
        raise ExecutionRunning(str(row.key))
    if row.status == "success" and "text" in row.output_data:
        raise AnsweredBefore(_result_of(row))
    error = _error_of(row)
    error.add_facts(execution_id=str(row.key), execution_status=row.status)
    raise error


def _error_of(row: ExecutionLog) -> PromptHubError:
    message, facts = row.error_message or "", row.error_facts
    if row.error_type == GuardrailBlocked.code:
        return GuardrailBlocked(stage=facts["stage"], check=facts["check"], reason=message)
    if row.error_type in _OF_PROVIDERS:
        return _OF_PROVIDERS[row.error_type](
            message, provider=facts["provider"], model=facts["model"]
        )
    if row.error_type == Invalid.code:
        return Invalid(message, **facts)
    if row.status == "success":
        return Conflict(
            "This was run before under this key, and the application keeps no answers that could "
            "be given again; use a new key to run it once more."
        )
    return Conflict(
        "This was run before under this key and ended without an answer; use a new key to run it "
        "once more."
    )


def _result_of(row: ExecutionLog) -> ExecutionResult:
    return ExecutionResult(
        execution_id=row.key,
        status=row.status,
        text=row.output_data["text"],
        model=f"{row.model_provider}/{row.model_name}",
        version=row.version,
        usage=Usage(
            input_tokens=row.input_tokens or 0,
            output_tokens=row.output_tokens or 0,
            is_estimated=row.tokens_estimated,
        ),
        cost_usd=row.cost_usd,
        cost_status=row.cost_status,
        latency_ms=row.latency_ms or 0,
        time_to_first_token_ms=row.time_to_first_token_ms,
        finish_reason=row.finish_reason or "stop",
        omitted_params=tuple(row.omitted_params),
        guardrails=tuple(Verdict.model_validate(verdict) for verdict in row.guardrail_verdicts),
    )
