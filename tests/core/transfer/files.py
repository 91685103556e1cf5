"""Files of prompts to be brought in, and libraries to bring them into."""

from typing import Any

import orjson
from bson import ObjectId

from core import transfer
from core.documents import Prompt, PromptVersion
from core.transfer import ExportQuery, Report
from core.values.scope import SYSTEM, Scope


def a_version_of(content: str = "Hi.", version: str = "1.0.0", **fields: Any) -> dict[str, Any]:
    body = {"content": content, "dependencies": fields.pop("dependencies", [])}
    return {"version": version, "body": body, "is_published": True, **fields}


def a_prompt_of(prompt_id: str = "greet", *versions: dict[str, Any], **fields: Any) -> Any:
    """A prompt of a file; published as 1.0.0 and served unless the fields say otherwise."""
    held = list(versions or (a_version_of(),))
    return {
        "prompt_id": prompt_id,
        "name": prompt_id.title(),
        "current_version": held[-1]["version"] if held[-1]["is_published"] else None,
        "versions": held,
        **fields,
    }


def made_of(prompt_id: str, version: str = "1.0.0") -> list[dict[str, Any]]:
    return [{"dependency_type": "include", "prompt_id": prompt_id, "version": version}]


async def bring(
    application_id: ObjectId, *prompts: Any, scope: Scope = SYSTEM, **options: Any
) -> Report:
    return await transfer.bring_in(scope, application_id, prompts, **options)


async def export(application_id: ObjectId, **query: Any) -> bytes:
    asked = ExportQuery(application_id=application_id, **query)
    written = await transfer.export_prompts(SYSTEM, asked)
    return b"".join([piece async for piece in written.pieces])


async def prompts_of(application_id: ObjectId) -> list[dict[str, Any]]:
    return orjson.loads(await export(application_id))["prompts"]


async def stored(prompt_id: str = "greet") -> Prompt:
    found = await Prompt.find_one({"prompt_id": prompt_id})
    assert found is not None
    return found


async def count_stored() -> tuple[int, int]:
    return await Prompt.count(), await PromptVersion.count()
