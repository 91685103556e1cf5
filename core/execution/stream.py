"""Own running a prompt with the answer arriving piece by piece."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from core.execution.idempotency import AnsweredBefore
from core.execution.prepare import prepare
from core.execution.recording import Recording
from core.execution.request import Engine, ExecutionRequest, ExecutionResult, Started
from core.execution.run import run
from core.providers.base import Chunk, Completion
from core.values.scope import Scope

__all__ = ["Chunk", "Engine", "ExecutionRequest", "ExecutionResult", "Started", "stream"]


async def stream(
    scope: Scope, request: ExecutionRequest, *, engine: Engine
) -> AsyncGenerator[Started | Chunk | ExecutionResult]:
    """Yield `Started`, the pieces of the answer, and last the `ExecutionResult`.

    Close the generator (`contextlib.aclosing`) when it is not read to its end: that stops the
    call upstream and closes the row as cancelled. Errors are as those of `run`.

    Where the version checks its answers, the pieces are held back until the whole answer has
    passed, and then come all at once. What ran before under the same key yields its result alone.

    Raises:
        GuardrailBlocked: a check refused the input (before `Started`) or the answer (after it).
        ProviderError: the model failed; or what `prepare` raises.
    """
    try:
        async with aclosing(_stream_first(scope, request, engine=engine)) as items:
            async for item in items:
                yield item
    except AnsweredBefore as before:
        yield before.result


async def _stream_first(
    scope: Scope, request: ExecutionRequest, *, engine: Engine
) -> AsyncGenerator[Started | Chunk | ExecutionResult]:
    prepared = await prepare(scope, request, engine=engine)
    ask = partial(run, scope, engine=engine)
    async with Recording(
        prepared, engine, request=request, ask=ask, is_streaming=True
    ) as recording:
        await recording.check_input()
        yield recording.started
        held: list[Chunk] = []
        async with aclosing(recording.attempts.stream(prepared.request)) as items:
            async for item in items:
                match item:
                    case Chunk():
                        recording.hear(item)
                        if recording.checks_answer:
                            held.append(item)
                        else:
                            yield item
                    case Completion():
                        result = await recording.succeed(item)
                        for chunk in held:
                            yield chunk
                        yield result
