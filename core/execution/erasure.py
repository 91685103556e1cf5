"""Own erasure: what was said in an execution, or by a person, goes; the figures stay."""

from typing import Any, Final, NamedTuple

from bson import ObjectId

from core import audit, clock
from core.documents import (
    Example,
    ExecutionLog,
    Feedback,
    Job,
    PromptSource,
    SourceReview,
    SourceText,
    TypedInput,
    UsageSeries,
    User,
)
from core.errors import Conflict, NotFound
from core.execution.comparison_picks import forget_person
from core.execution.log import get_execution
from core.values.scope import Scope
from prompthub.wire.literals import SourceType

_UNFINISHED: Final = ("queued", "running")
# What people wrote, what a model answered, and whatever leads back to who asked.
_BLANK: Final[dict[str, Any]] = {
    "rendered_messages": [],
    "output_data": {},
    "metadata": {},
    "findings": [],
    "error_message": None,
    "error_facts": {},
    "user_id": None,
    "request_id": None,
    "idempotency_key": None,
    "request_digest": None,
}
_NO_WORDS: Final = {"comment": "", "improvement_suggestion": ""}
# A page stands at its address for everybody; these a person has brought.
_BROUGHT: Final[tuple[SourceType, ...]] = ("manual", "pdf")


class Erased(NamedTuple):
    """How many executions and ratings lost their words; `running` ones have to be asked again.

    `examples` are the person's saved values, and `sources` the texts and files that the person
    brought to find prompts in; both are deleted.
    """

    executions: int
    ratings: int
    running: int
    examples: int = 0
    sources: int = 0


async def erase_execution(scope: Scope, execution_id: ObjectId, *, reason: str = "") -> Erased:
    """Erase what was said in an execution, by its verifiers, and in ratings of it.

    Status, model, tokens, cost, times and ratings stay. Repeating it changes nothing.

    Raises:
        NotFound: there is none, or it is of an application the caller cannot see.
        NotAllowed: the caller is no admin of the application.
        Conflict: it is still running.
    """
    run = await get_execution(scope, execution_id)
    key = str(execution_id)
    scope.require("admin", run.application_id, kind="execution", key=key)
    judged = [ObjectId(one) for one in map(_execution_of, run.guardrail_verdicts) if one]
    ours = {"_id": {"$in": [run.key, *judged]}}
    if await ExecutionLog.find(ours, {"status": {"$in": _UNFINISHED}}).exists():
        raise Conflict("The execution is still running; erase it when it has ended.")
    executions = await _blank(ours)
    told = await Feedback.collection().update_many({"execution_id": run.key}, {"$set": _NO_WORDS})
    erased = Erased(executions, told.modified_count, 0)
    if executions:
        target, facts = f"execution:{key}", erased._asdict()
        await audit.record(
            scope,
            "execution.erase",
            target,
            application_id=run.application_id,
            after=facts,
            reason=reason,
        )
    return erased


def _execution_of(verdict: dict[str, Any]) -> str | None:
    return verdict.get("execution_id")


async def erase_user(scope: Scope, user_id: ObjectId, *, reason: str = "") -> Erased:
    """Erase what a person said in all executions and ratings, and who it was.

    Figures stay, as those of nobody; examples, what was typed into the playground, and texts and
    files brought to find prompts in, are words alone and deleted. The account, the audit trail and
    saved prompts are not touched. Repeating it changes nothing but for what was running or has been
    run since.

    Raises:
        NotAllowed: the caller is no superuser.
        NotFound: there is no such account.
    """
    scope.require_superuser()
    user = await User.find_one({"_id": user_id})
    if user is None:
        raise NotFound("user", str(user_id))
    executions = await _blank({"user_id": user_id})
    nobody = {**_NO_WORDS, "user_id": ObjectId()}
    told = await Feedback.collection().update_many({"user_id": user_id}, {"$set": nobody})
    await Feedback.collection().update_many({"done_by": user_id}, {"$set": {"done_by": None}})
    # Its numbers stay in the sums, and mean nobody from now on.
    await UsageSeries.collection().update_many({"user_id": user_id}, {"$set": {"user_id": None}})
    await forget_person(user_id)
    running = await ExecutionLog.find({"user_id": user_id}).count()
    kept = await Example.collection().delete_many({"user_id": user_id})
    await TypedInput.collection().delete_many({"user_id": user_id})
    await SourceReview.collection().delete_many({"user_id": user_id})
    await Job.collection().delete_many({"user_id": user_id})
    sources = await _forget_sources(f"user:{user.email}")
    erased = Erased(executions, told.modified_count, running, kept.deleted_count, sources)
    if any(erased._replace(running=0)):
        target = f"user:{user_id}"
        await audit.record(scope, "user.erase", target, after=erased._asdict(), reason=reason)
    return erased


async def _forget_sources(actor: str) -> int:
    """Delete what the person brought, and forget who found prompts where; return how many texts.

    Prompts keep the address or the digest of where they were found.
    """
    theirs = {"created_by": actor}
    brought = {"source_type": {"$in": _BROUGHT}}
    gone = await SourceText.collection().delete_many({**theirs, **brought})
    await PromptSource.collection().update_many(
        {**theirs, **brought}, {"$set": {"extraction_metadata.title": ""}}
    )
    for kind in (SourceText, PromptSource):
        await kind.collection().update_many(theirs, {"$set": {"created_by": ""}})
    return gone.deleted_count


async def _blank(match: dict[str, Any]) -> int:
    ended = {**match, "status": {"$nin": _UNFINISHED}, "erased_at": None}
    change = {
        "$set": {**_BLANK, "erased_at": clock.now()},
        "$unset": {"input_data.variables": ""},
    }
    return (await ExecutionLog.collection().update_many(ended, change)).modified_count
