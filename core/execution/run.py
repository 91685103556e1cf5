"""Own running a prompt to its whole answer."""

from functools import partial

from core.execution.idempotency import AnsweredBefore
from core.execution.prepare import prepare
from core.execution.recording import Recording
from core.execution.request import Engine, ExecutionRequest, ExecutionResult
from core.values.scope import Scope

__all__ = ["Engine", "ExecutionRequest", "ExecutionResult", "run"]


async def run(scope: Scope, request: ExecutionRequest, *, engine: Engine) -> ExecutionResult:
    """Run once, with retries and a deadline, and record it.

    Whatever fails after the row was written carries `execution_id` and `execution_status` in its
    facts. Cancelling stops the call upstream and closes the row as cancelled.

    Raises:
        GuardrailBlocked: a check refused the input, of which nothing was sent, or the answer,
            which was paid for and stands in the log only.
        ProviderError: the model failed; or what `prepare` raises.
    """
    ask = partial(run, scope, engine=engine)
    try:
        prepared = await prepare(scope, request, engine=engine)
        async with Recording(prepared, engine, request=request, ask=ask) as recording:
            await recording.check_input()
            completion = await recording.attempts.complete(prepared.request)
            return await recording.succeed(completion)
    except AnsweredBefore as before:
        return before.result
