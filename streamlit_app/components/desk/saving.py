"""Own saving what is on the desk: a draft in place, anything else as a new draft."""

from collections.abc import Callable, Coroutine
from typing import Any, Literal, NamedTuple

from core.documents import PromptVersion
from core.errors import Conflict, Invalid, NotFound, StaleRevision, VersionFrozen
from core.prompts.diff import suggest_bump
from core.prompts.labels import move_label
from core.prompts.publishing import publish_version
from core.prompts.renumbering import renumber_draft
from core.prompts.versions import NewVersion, get_version, save_version, update_draft
from core.prompts.workspace import discard_draft
from core.values.scope import Scope
from streamlit_app.components.desk.state import Desk
from streamlit_app.components.once import press_of


class Outcome(NamedTuple):
    """The version that holds the text now, and what was done for it."""

    version: PromptVersion
    what: Literal["created", "updated", "equal", "published"]


class Choice(NamedTuple):
    """What a person chose in a dialog: the number, the note, and labels to move along."""

    number: str | None = None
    note: str | None = None
    labels: tuple[str, ...] = ()


def saving(
    scope: Scope, desk: Desk, choose: Callable[[], Choice] = Choice
) -> Coroutine[Any, Any, Outcome]:
    """Take over what the widgets hold and return the coroutine that stores it."""
    desk.collect()
    return store(scope, desk, choose())


def publishing(
    scope: Scope, desk: Desk, choose: Callable[[], Choice]
) -> Coroutine[Any, Any, Outcome]:
    """Take over what the widgets hold and return the coroutine that stores and publishes it."""
    desk.collect()
    return _publish(scope, desk, choose())


async def store(scope: Scope, desk: Desk, choice: Choice) -> Outcome:
    """Store the text; equal text makes nothing new.

    Raises:
        StaleRevision, VersionFrozen: somebody else saved or published; `desk.theirs` has it.
        Conflict: the draft was deleted meanwhile.
        Invalid: the text breaks a rule.
    """
    body = desk.body()
    if not body.content.strip():
        raise Invalid(
            "The prompt has no text yet.", field="content", remedy="Write it under Prompt."
        )
    if desk.opened.is_draft:
        return await _update(scope, desk, choice)
    version = desk.opened.version
    saved = await save_version(
        scope,
        desk.opened.prompt,
        NewVersion(
            body=body,
            version=choice.number,
            bump=suggest_bump(desk.changes()),
            change_description=choice.note or "",
        ),
        parent_version=version.version if version else None,
    )
    if saved.created:
        await _settle(scope, desk, saved.version)
    return Outcome(saved.version, "created" if saved.created else "equal")


async def _update(scope: Scope, desk: Desk, choice: Choice) -> Outcome:
    version = desk.opened.version
    if version is None:
        raise Conflict("There is no draft to change.")
    has_note = choice.note is not None and choice.note != version.change_description
    if not desk.is_dirty and not has_note:
        return Outcome(version, "equal")
    try:
        after = await update_draft(
            scope,
            desk.opened.prompt,
            version.version,
            desk.body(),
            change_description=choice.note,
            expected_revision=version.revision,
        )
    except (StaleRevision, VersionFrozen):
        desk.theirs = await get_version(scope, desk.opened.prompt, version.version)
        raise
    except NotFound:
        desk.opened = desk.opened._replace(version=None)
        raise Conflict(
            f"{version.version} was deleted meanwhile. Save again to keep your text as a new draft."
        ) from None
    await _settle(scope, desk, after)
    return Outcome(after, "updated")


async def _settle(scope: Scope, desk: Desk, version: PromptVersion) -> None:
    """Make the stored version what the desk goes on from; typing since then stays unsaved."""
    desk.opened = desk.opened._replace(version=version)
    desk.theirs = desk.restored_at = desk.texts_before = None
    if desk.keeps:
        await discard_draft(scope, desk.opened.prompt)


async def _publish(scope: Scope, desk: Desk, choice: Choice) -> Outcome:
    outcome = await store(scope, desk, choice)
    version, prompt = outcome.version, desk.opened.prompt
    if outcome.what == "equal" and version.is_published:
        raise Conflict(
            f"The text equals {version.version}, which is published. "
            "To serve it again, roll back to it in Versions."
        )
    if choice.number and choice.number != version.version:
        version = await renumber_draft(scope, prompt, version.version, choice.number)
    published = await publish_version(scope, prompt, version.version, reason=choice.note or "")
    await _settle(scope, desk, published)
    for label in choice.labels:
        prompt = await move_label(
            scope, prompt, label, published.version, reason=f"Published {published.version}"
        )
    return Outcome(published, "published")


def say_outcome(outcome: Outcome) -> str:
    """Return the toast of a save."""
    number = outcome.version.version
    match outcome.what:
        case "created":
            return f"Saved the new draft {number}."
        case "updated":
            return f"Saved {number}."
        case "equal":
            return f"Nothing to save: equal to {number}."
        case "published":
            return f"Published {number}."


def forget_errors() -> None:
    """Take back what the last press told: the text is another one, or the conflict is settled."""
    for key in ("save", "try"):
        press_of(key, Outcome).error = None
