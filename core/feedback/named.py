"""Own what ratings are about, in names: application, prompt and version."""

from collections.abc import AsyncGenerator
from typing import Any, Final, NamedTuple

from bson import ObjectId
from pymongo import DESCENDING

from core.documents import ExecutionLog, Feedback, Prompt, PromptVersion
from core.feedback.standing import StandingQuery, conditions
from core.values.scope import Scope

_STEP: Final = 500


class NamedRating(NamedTuple):
    """A rating and what it is about; without a version the text was an unsaved one."""

    feedback: Feedback
    application_id: ObjectId
    prompt_id: str | None
    prompt_name: str | None
    version: str | None


async def count_ratings(scope: Scope, query: StandingQuery) -> int:
    """Return how many ratings `iterate_ratings` has without a limit.

    Raises:
        NotFound: the application asked for is not visible.
        NotAllowed: an application asks with its key.
    """
    return await Feedback.collection().count_documents(await conditions(scope, query))


async def iterate_ratings(
    scope: Scope, query: StandingQuery, *, limit: int
) -> AsyncGenerator[NamedRating]:
    """Yield the newest ratings of versions that the caller may see, at most `limit`.

    Raises:
        NotFound: the application asked for is not visible.
        NotAllowed: an application asks with its key.
    """
    wanted = await conditions(scope, query)
    rows = Feedback.collection().find(wanted)
    rows = rows.sort([("updated_at", DESCENDING), ("_id", DESCENDING)]).limit(limit)
    step: list[Feedback] = []
    async for row in rows:
        step.append(Feedback.model_validate(row))
        if len(step) == _STEP:
            for one in await name_all(step):
                yield one
            step = []
    for one in await name_all(step):
        yield one


async def name_all(found: list[Feedback]) -> list[NamedRating]:
    """Name what each is about: four questions for a page, whatever its length."""
    runs = await _find(ExecutionLog, [one.execution_id for one in found], "prompt_id", "version")
    versions = await _find(
        PromptVersion, [one.prompt_version_id for one in found], "prompt_id", "version"
    )
    prompts = await _find(
        Prompt, [row["prompt_id"] for row in versions.values()], "prompt_id", "name"
    )
    named: list[NamedRating] = []
    for one in found:
        if one.application_id is None:
            continue
        run = runs.get(one.execution_id, {})
        version = versions.get(one.prompt_version_id, {})
        prompt = prompts.get(version.get("prompt_id"), {})
        named.append(
            NamedRating(
                feedback=one,
                application_id=one.application_id,
                prompt_id=prompt.get("prompt_id") or run.get("prompt_id"),
                prompt_name=prompt.get("name") or run.get("prompt_id"),
                version=version.get("version") or run.get("version"),
            )
        )
    return named


async def _find(
    kind: type[ExecutionLog | PromptVersion | Prompt], keys: list[ObjectId | None], *fields: str
) -> dict[ObjectId | None, dict[str, Any]]:
    wanted = [key for key in keys if key is not None]
    if not wanted:
        return {}
    rows = kind.collection().find({"_id": {"$in": wanted}}, dict.fromkeys(fields, 1))
    return {row["_id"]: row async for row in rows}
