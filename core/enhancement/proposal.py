"""Own what becomes of a model's rewrite: found in its answer, and held against the draft."""

import re
from collections.abc import Sequence
from typing import Final

from pydantic import AliasChoices, BaseModel, Field, ValidationError

from core.enhancement.validate import SENT_FIELDS, samples_of
from core.errors import Invalid
from core.templates.render import check_body, render_messages
from core.templates.variables import find_guarded_variables, find_variables
from core.values.body import MAX_CONTENT_BYTES, VersionBody

_FENCE: Final = re.compile(r"[ \t]*(`{3,}|~{3,})(.*)")
# An answer may say more than the two texts, but not without end.
MAX_ANSWER_BYTES: Final = 4 * MAX_CONTENT_BYTES


class Unusable(Exception):
    """The answer holds no rewrite that can be taken; `problem` is a sentence for people."""

    def __init__(self, problem: str, **facts: Sequence[str]) -> None:
        super().__init__(problem)
        self.problem = problem
        self.facts = facts


def find_rewrite(answer: str) -> dict[str, str]:
    """Return the rewritten texts by field, from between tags or from a JSON object.

    Around them may be chatter and fences. An answer that is one fenced block alone, give or take
    chatter, is taken as the content.

    Raises:
        Unusable: there is nothing of the kind.
    """
    if len(answer.encode()) > MAX_ANSWER_BYTES:
        raise Unusable("The model answered with far more than a prompt.")
    found = _between_tags(answer) or _in_json(answer) or _in_a_fence(answer)
    if not found.get("content", "").strip():
        raise Unusable("The model answered without a rewritten prompt.")
    return found


def propose(draft: VersionBody, rewrite: dict[str, str]) -> VersionBody:
    """Return the draft with its texts replaced; fields, model and all else stay.

    Raises:
        Unusable: the result could not be saved, loses or invents a variable, or no longer renders.
    """
    texts = {name: text for name, text in rewrite.items() if getattr(draft, name).strip()}
    try:
        proposal = VersionBody.model_validate({**draft.model_dump(), **texts})
        check_body(proposal)
    except ValidationError as error:
        raise Unusable(f"The rewritten prompt {error.errors()[0]['msg']}.") from None
    except Invalid as error:
        raise Unusable(f"The rewritten prompt is no valid template. {error.message}") from None
    _compare_variables(draft, proposal)
    _compare_rendering(draft, proposal)
    return proposal


def variables_of(body: VersionBody) -> list[str]:
    """Return the variables of what is sent, in order of first use.

    Raises:
        TemplateInvalid: a template is refused.
    """
    used = (
        name for field in SENT_FIELDS for name in find_variables(_text(body, field), field=field)
    )
    return list(dict.fromkeys(used))


def _compare_variables(draft: VersionBody, proposal: VersionBody) -> None:
    before, after = variables_of(draft), variables_of(proposal)
    lost = [name for name in before if name not in after]
    invented = [name for name in after if name not in before]
    strict = [name for name in _needed(proposal) if name not in _needed(draft)]
    said = (
        ("loses", lost),
        ("invents", invented),
        ("no longer copes without", [name for name in strict if name in before]),
    )
    problems = [f"{what} {', '.join(names)}" for what, names in said if names]
    if problems:
        raise Unusable(
            f"The rewritten prompt {' and '.join(problems)}.", lost=lost, invented=invented
        )


def _needed(body: VersionBody) -> list[str]:
    """Return the variables that nobody declared and that every caller has to give."""
    declared = {field.name for field in body.required_fields}
    guarded = {
        name
        for field in SENT_FIELDS
        for name in find_guarded_variables(_text(body, field), field=field)
    }
    return [name for name in variables_of(body) if name not in declared | guarded]


def _compare_rendering(draft: VersionBody, proposal: VersionBody) -> None:
    try:
        render_messages(draft, samples_of(draft))
    except Invalid:
        return  # sample values do not suit this prompt, so they tell nothing about the new one
    try:
        render_messages(proposal, samples_of(draft))
    except Invalid as error:
        raise Unusable(f"The rewritten prompt fails on sample values. {error.message}") from None


def _text(body: VersionBody, field: str) -> str:
    return getattr(body, field)


def _between_tags(answer: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for field in SENT_FIELDS:
        # The last opening tag, for a model may name the tags before it uses them.
        closing = answer.rfind(f"</improved_{field}>")
        opening = f"<improved_{field}>"
        start = answer.rfind(opening, 0, max(closing, 0))
        if start >= 0:
            found[field] = _unfenced(answer[start + len(opening) : closing].strip("\r\n"))
    return found


def _in_json(answer: str) -> dict[str, str]:
    start, end = answer.find("{"), answer.rfind("}")
    for candidate in (answer, *_fenced(answer), answer[start : end + 1]):
        try:
            said = _Said.model_validate_json(candidate)
        except ValidationError:
            continue
        return said.model_dump(exclude_none=True)
    return {}


class _Said(BaseModel):
    content: str = Field(validation_alias=AliasChoices("content", "improved_content"))
    system_prompt: str | None = Field(
        default=None, validation_alias=AliasChoices("system_prompt", "improved_system_prompt")
    )


def _in_a_fence(answer: str) -> dict[str, str]:
    blocks = _fenced(answer)
    return {"content": blocks[0]} if len(blocks) == 1 else {}


def _unfenced(text: str) -> str:
    lines = text.strip().splitlines()
    blocks = _fenced(text)
    is_whole = len(blocks) == 1 and blocks[0].count("\n") == len(lines) - 3
    return blocks[0] if is_whole and _FENCE.fullmatch(lines[0]) else text


def _fenced(text: str) -> list[str]:
    """Return what stands in closed fences; line by line, for a search could take for ever."""
    blocks: list[str] = []
    mark, begun = "", list[str]()
    for line in text.splitlines():
        match = _FENCE.fullmatch(line)
        if match is None:
            begun.append(line)
        elif not mark:
            mark, begun = match[1], []
        elif match[1].startswith(mark) and not match[2].strip():
            blocks.append("\n".join(begun))
            mark = ""
        else:
            begun.append(line)
    return blocks
