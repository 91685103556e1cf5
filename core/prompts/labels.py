"""Own labels: names such as `production` that move over the published versions of a prompt."""

from core import audit
from core.documents import Prompt
from core.errors import Conflict, NotFound, NotPublished
from core.prompts.catalogue import forget_prompt
from core.prompts.in_service import require_in_service
from core.prompts.naming import check_label
from core.prompts.versions import get_version
from core.values.scope import Scope

MAX_LABELS = 20


async def move_label(
    scope: Scope, prompt: Prompt, label: str, version: str, *, reason: str
) -> Prompt:
    """Let a label point to a published version and return the prompt as it is then.

    Raises:
        NotFound, NotAllowed: the version is not there, or the caller is no operator.
        NotPublished: the version is a draft.
        Invalid: the label may not be named so.
        Conflict: the prompt holds too many labels, or it or its application is not active.
    """
    scope.require("operator", prompt.application_id, kind="prompt", key=prompt.prompt_id)
    check_label(label)
    await require_in_service(prompt)
    target = await get_version(scope, prompt, version)
    if not target.is_published:
        raise NotPublished(version)
    if prompt.labels.get(label) == version:
        return prompt
    if label not in prompt.labels and len(prompt.labels) >= MAX_LABELS:
        raise Conflict(f"A prompt holds {MAX_LABELS} labels at most; remove one first.")
    event = audit.make_event(
        scope,
        "label.move",
        f"prompt:{prompt.key}",
        application_id=prompt.application_id,
        before={"label": label, "version": prompt.labels.get(label)},
        after={"label": label, "version": target.version},
        reason=reason,
    )
    after = await audit.change_one(
        Prompt, {"_id": prompt.key}, {f"labels.{label}": target.version}, event
    )
    if after is None:
        raise NotFound("prompt", prompt.prompt_id)
    forget_prompt(after)
    return after


async def remove_label(scope: Scope, prompt: Prompt, label: str, *, reason: str = "") -> Prompt:
    """Take a label away and return the prompt as it is then.

    Raises:
        NotFound: the prompt has no such label.
        NotAllowed: the caller is no operator.
    """
    scope.require("operator", prompt.application_id, kind="prompt", key=prompt.prompt_id)
    if label not in prompt.labels:
        raise NotFound("label", label)
    remaining = {name: version for name, version in prompt.labels.items() if name != label}
    event = audit.make_event(
        scope,
        "label.remove",
        f"prompt:{prompt.key}",
        application_id=prompt.application_id,
        before={"label": label, "version": prompt.labels[label]},
        reason=reason,
    )
    after = await audit.change_one(
        Prompt, {"_id": prompt.key, "labels": prompt.labels}, {"labels": remaining}, event
    )
    if after is None:
        raise Conflict("The labels were changed meanwhile; look at them again.")
    forget_prompt(after)
    return after
