"""Own the shapes of prompts."""

from prompthub.wire.base import Answer, Id, Moment, Reason, Request


class NewPrompt(Request):
    """A prompt to be created; without `prompt_id` one is made from the name."""

    application_id: Id
    name: str
    prompt_id: str | None = None
    description: str = ""
    folder: str = ""
    tags: list[str] = []
    default_model: str | None = None


class PromptChanges(Request):
    """Changes to a prompt; what is absent stays. Its id and application never change."""

    name: str | None = None
    description: str | None = None
    folder: str | None = None
    tags: list[str] | None = None
    default_model: str | None = None


class Prompt(Answer):
    """A named asset; `current_version` is what `latest` serves, `labels` map names to versions."""

    id: Id
    prompt_id: str
    name: str
    description: str
    folder: str
    application_id: Id
    current_version: str | None
    newest_version: str | None
    tags: list[str]
    labels: dict[str, str]
    default_model: str | None
    is_active: bool
    created_by: str
    created_at: Moment
    updated_at: Moment
    revision: int


class LabelTarget(Request):
    """The published version a label shall point to, and why."""

    version: str
    reason: Reason = ""
