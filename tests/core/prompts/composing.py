"""Prompts to be made of each other."""

from typing import Any

from core.documents import Prompt, PromptVersion
from core.errors import NotFound
from core.prompts.catalogue import NewPrompt, create_prompt, get_prompt
from core.prompts.publishing import publish_version
from core.prompts.versions import NewVersion, save_version, update_draft
from core.values.scope import SYSTEM
from tests.builders import a_body
from tests.places import Place


def include(prompt_id: str, version: str = "1.0.0", kind: str = "include") -> dict[str, Any]:
    return {"dependency_type": kind, "prompt_id": prompt_id, "version": version}


async def a_prompt(place: Place, prompt_id: str) -> Prompt:
    new = NewPrompt(prompt_id=prompt_id, name=prompt_id, application_id=place.application.key)
    return await create_prompt(SYSTEM, new)


async def save(place: Place, prompt_id: str, content: str = "x", **fields: Any) -> PromptVersion:
    """A draft, of a prompt that is made where there is none."""
    try:
        prompt = await get_prompt(SYSTEM, prompt_id, place.application.key)
    except NotFound:
        prompt = await a_prompt(place, prompt_id)
    saved = await save_version(SYSTEM, prompt, NewVersion(body=a_body(content, **fields)))
    return saved.version


async def publish(place: Place, prompt_id: str, version: str = "1.0.0") -> PromptVersion:
    prompt = await get_prompt(SYSTEM, prompt_id, place.application.key)
    return await publish_version(SYSTEM, prompt, version)


async def change(place: Place, prompt_id: str, *dependencies: dict[str, Any]) -> PromptVersion:
    prompt = await get_prompt(SYSTEM, prompt_id, place.application.key)
    body = a_body("x", dependencies=list(dependencies))
    return await update_draft(SYSTEM, prompt, "1.0.0", body)
