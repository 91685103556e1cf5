"""Own the rewrite of a version by a model: asked, checked, and shown as what it would change."""

import asyncio
from typing import Any, Final, NamedTuple

from bson import ObjectId

from core.documents import Prompt, PromptVersion
from core.enhancement.metaprompt import REQUEST_TEMPLATE, SYSTEM_TEMPLATE, rendered_metaprompt
from core.enhancement.proposal import Unusable, find_rewrite, propose, variables_of
from core.errors import ProposalUnusable, TooLarge
from core.execution.request import Engine, ExecutionRequest, ExecutionResult
from core.execution.run import run
from core.prompts.composition import compose
from core.prompts.diff import Change, compare
from core.templates.compose import Part
from core.values.body import VersionBody
from core.values.fields import RequiredField
from core.values.scope import Scope

MAX_INSTRUCTION_CHARS: Final = 4000


class Boosted(NamedTuple):
    """A rewrite that could be saved as it is: nothing is stored but the execution's row."""

    proposal: VersionBody
    changes: list[Change]
    execution_id: ObjectId


async def boost(
    scope: Scope,
    prompt: Prompt,
    version: PromptVersion | VersionBody,
    *,
    model: str | None = None,
    instruction: str = "",
    engine: Engine,
) -> Boosted:
    """Let a model rewrite a version's texts and return the result, checked, with its changes.

    Instead of a stored version it takes what somebody has written and not saved yet.
    The metaprompt is the version's own, else the shipped one. Without `model` the version's, the
    prompt's or the default one is asked. The call is an execution of its own: limits, record and
    cost are those of any run.

    Raises:
        NotFound, NotAllowed: the prompt is not visible, or the caller is no editor.
        ProposalUnusable: the answer holds no rewrite, loses or invents a variable, or breaks the
            template; it names the execution.
        TooLarge: the instruction is longer than `MAX_INSTRUCTION_CHARS`.
        PromptHubError: what `core.execution.run` raises.
    """
    scope.require("editor", prompt.application_id, kind="prompt", key=prompt.prompt_id)
    _check_length(instruction)
    draft, number = (version, "") if isinstance(version, VersionBody) else _read(version)
    name = f"{prompt.prompt_id}@{number}" if number else ""
    composed = await compose(draft, prompt.application_id, name=name)
    variables = await asyncio.to_thread(_variables, composed.part, instruction)
    request = ExecutionRequest(
        application_id=prompt.application_id,
        prompt_id=prompt.prompt_id,
        body=_asking(draft),
        variables=variables,
        model=model,
        metadata={"purpose": "boost", **({"version": number} if number else {})},
    )
    result = await run(scope, request, engine=engine)
    # Templates written by a model may compute as long as any others.
    return await asyncio.to_thread(_check, draft, result)


def _read(version: PromptVersion) -> tuple[VersionBody, str]:
    return version.body, version.version


def _check_length(instruction: str) -> None:
    if len(instruction) > MAX_INSTRUCTION_CHARS:
        raise TooLarge(
            f"The instruction is longer than {MAX_INSTRUCTION_CHARS} characters.",
            field="instruction",
            limit=MAX_INSTRUCTION_CHARS,
        )


def _variables(root: Part, instruction: str) -> dict[str, Any]:
    draft = root.body
    given = {
        "draft_content": draft.content,
        "draft_system_prompt": draft.system_prompt,
        "instruction": instruction.strip(),
    }
    metaprompt = rendered_metaprompt(root, given)
    return {**given, "metaprompt": metaprompt, "names": variables_of(draft)}


def _asking(draft: VersionBody) -> VersionBody:
    names = ("draft_content", "draft_system_prompt", "instruction", "metaprompt")
    return VersionBody(
        content=REQUEST_TEMPLATE,
        system_prompt=SYSTEM_TEMPLATE,
        model=draft.model,
        required_fields=(
            *(RequiredField(name=name) for name in names),
            RequiredField(name="names", type="array"),
        ),
    )


def _check(draft: VersionBody, result: ExecutionResult) -> Boosted:
    try:
        proposal = propose(draft, find_rewrite(_whole_text(result)))
    except Unusable as error:
        raise ProposalUnusable(
            error.problem,
            model=result.model,
            execution_id=str(result.execution_id),
            execution_status=result.status,
            **error.facts,
        ) from None
    return Boosted(proposal, compare(draft, proposal), result.execution_id)


def _whole_text(result: ExecutionResult) -> str:
    if result.finish_reason == "length":
        raise Unusable("The model's answer was cut off at its limit of tokens.")
    return result.text
