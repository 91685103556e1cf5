"""Own the routes that run prompts."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from bson import ObjectId
from fastapi import APIRouter
from starlette.responses import Response

from core.api.answers import answer
from core.api.dependencies import AskedKey, AskingScope, Running, to_value
from core.api.sse import Event, stream_events
from core.api.strict_route import RunRoute, UserRunRoute
from core.api.versions import BODY_FIELDS
from core.execution.request import Engine, ExecutionRequest, ExecutionResult, Started
from core.execution.run import run
from core.execution.stream import stream
from core.providers.base import Chunk
from core.values.body import VersionBody
from core.values.generation import ModelParams
from core.values.ids import Id
from core.values.messages import Message
from core.values.scope import Scope
from prompthub.wire import executions as wire

saved = APIRouter(prefix="/execute", route_class=RunRoute, tags=["execution"])
unsaved = APIRouter(prefix="/test-prompt", route_class=UserRunRoute, tags=["execution"])


@saved.post("/{prompt_id}/{version}", response_model=wire.Execution)
async def execute(
    prompt_id: str,
    version: str,
    body: wire.ExecuteRequest,
    scope: AskingScope,
    runtime: Running,
    application_id: Id | None = None,
    idempotency_key: AskedKey = None,
) -> Response:
    """Run the version that a number, `latest` or `label:NAME` means now.

    A repetition under the same `Idempotency-Key` within 24 hours is answered as the first was;
    a stream then consists of `done` alone.
    """
    params = body.model_params
    request = ExecutionRequest(
        application_id=application_id,
        prompt_id=prompt_id,
        version=version,
        variables=body.variables,
        messages=_said(body.message),
        model=body.model,
        model_params=to_value(ModelParams, params.model_dump()) if params else None,
        metadata=body.metadata,
        idempotency_key=idempotency_key,
    )
    return await _answer(scope, request, runtime.engine, streams=body.stream)


@unsaved.post("", response_model=wire.Execution)
async def test_prompt(
    body: wire.TestPromptRequest, scope: AskingScope, runtime: Running
) -> Response:
    """Run a body that is not saved; nothing but the execution's row is stored."""
    said = body.model_dump(include=set(BODY_FIELDS), exclude_unset=True)
    request = ExecutionRequest(
        application_id=ObjectId(body.application_id),
        body=to_value(VersionBody, said),
        variables=body.variables,
        messages=_said(body.message),
        metadata=body.metadata,
    )
    return await _answer(scope, request, runtime.engine, streams=body.stream)


def _said(message: str | None) -> tuple[Message, ...]:
    return () if message is None else (Message(role="user", content=message),)


async def _answer(
    scope: Scope, request: ExecutionRequest, engine: Engine, *, streams: bool
) -> Response:
    if streams:
        return await stream_events(_tell(scope, request, engine))
    return answer(_show(await run(scope, request, engine=engine)))


async def _tell(scope: Scope, request: ExecutionRequest, engine: Engine) -> AsyncGenerator[Event]:
    """Yield `start`, a `delta` for each piece, and `done` with the whole answer."""
    async with aclosing(stream(scope, request, engine=engine)) as items:
        async for item in items:
            match item:
                case Started():
                    yield Event("start", _show_start(item))
                case Chunk():
                    yield Event("delta", wire.Delta(text=item.text))
                case ExecutionResult():
                    yield Event("done", _show(item))


def _show_start(started: Started) -> wire.Start:
    return wire.Start(
        execution_id=str(started.execution_id), model=started.model, version=started.version
    )


def _show(result: ExecutionResult) -> wire.Execution:
    return wire.Execution(
        execution_id=str(result.execution_id),
        status=result.status,
        output=wire.Output(text=result.text),
        model=result.model,
        version=result.version,
        usage=wire.Usage(
            input_tokens=result.usage.input_tokens,
            output_tokens=result.usage.output_tokens,
            is_estimated=result.usage.is_estimated,
        ),
        cost_usd=result.cost_usd,
        cost_status=result.cost_status,
        latency_ms=result.latency_ms,
        time_to_first_token_ms=result.time_to_first_token_ms,
        finish_reason=result.finish_reason,
        guardrails=[wire.Verdict.model_validate(v.model_dump()) for v in result.guardrails],
    )
