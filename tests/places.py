"""A place to run prompts in, engines to run them on, and a look at the row they leave."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bson import ObjectId

from core.documents import Application, ExecutionLog, Prompt, PromptVersion
from core.execution.run import Engine, ExecutionRequest
from core.prompts.catalogue import NewPrompt, create_prompt
from core.prompts.publishing import publish_version
from core.prompts.versions import NewVersion, save_version
from core.providers.base import Provider
from core.providers.registry import Connection, Registry
from core.settings import ExecutionSettings, ProviderSettings
from core.values.scope import SYSTEM, Scope
from prompthub.wire.literals import ConnectionKind
from tests.builders import a_body, a_scope, an_application


@dataclass(frozen=True, slots=True)
class Place:
    """An application, its prompt `greet` with published 1.0.0, and an editor's scope."""

    application: Application
    prompt: Prompt
    version: PromptVersion
    scope: Scope

    def request(self, **fields: Any) -> ExecutionRequest:
        """A sound request to run the published version."""
        values: dict[str, Any] = {
            "application_id": self.application.key,
            "prompt_id": "greet",
            "version": "1.0.0",
            "variables": {"name": "Ada"},
            "model": "openai/gpt-4o-mini",
            **fields,
        }
        return ExecutionRequest(**values)


async def a_place(**application_fields: Any) -> Place:
    """A stored place; the fields are those of its application."""
    application = await an_application(**application_fields)
    new = NewPrompt(prompt_id="greet", name="Greet", application_id=application.key)
    prompt = await create_prompt(SYSTEM, new)
    saved = await save_version(SYSTEM, prompt, NewVersion(body=a_body()))
    version = await publish_version(SYSTEM, prompt, saved.version.version)
    return Place(application, prompt, version, a_scope("editor", application.key))


def an_engine(
    provider: Provider, *, kind: ConnectionKind = "openai", deadline_seconds: float = 10
) -> Engine:
    """An engine whose connection `openai` is the given provider."""
    settings = ProviderSettings(deadline_seconds=deadline_seconds)
    registry = Registry([Connection("openai", kind, provider)])
    return Engine(registry, settings, ExecutionSettings())


async def the_row(execution_id: ObjectId | None = None) -> ExecutionLog:
    """The one row of the log, or the one named."""
    if execution_id is not None:
        row = await ExecutionLog.get(execution_id)
        assert row is not None
        return row
    (row,) = await ExecutionLog.find_all().to_list()
    return row


async def eventually(is_so: Callable[[], bool]) -> bool:
    """Whether it becomes so within twenty seconds: machines that test are busy."""
    for _ in range(400):
        if is_so():
            return True
        await asyncio.sleep(0.05)
    return False
