"""An application with an editor, an operator and a stranger, and a prompt in it."""

from typing import NamedTuple

import pytest
from bson import ObjectId

from core.documents import Application, Prompt
from core.prompts.catalogue import NewPrompt, create_prompt
from core.prompts.versions import NewVersion
from core.values.body import VersionBody
from core.values.scope import Scope
from prompthub.wire.literals import Role


class House(NamedTuple):
    """Who is there, and the application they share."""

    application_id: ObjectId
    operator: Scope
    editor: Scope
    viewer: Scope
    stranger: Scope


def a_scope(role: Role, application_id: ObjectId) -> Scope:
    return Scope(
        kind="user", user_id=ObjectId(), roles={application_id: role}, actor=f"user:{role}"
    )


def a_version(text: str = "Say hello.", **fields: object) -> NewVersion:
    return NewVersion.model_validate({"body": VersionBody(content=text), **fields})


@pytest.fixture
async def house(database: object) -> House:  # noqa: ARG001 - opened for its effect; marks do not reach fixtures
    application = Application(
        name="Support desk",
        api_key_hash=str(ObjectId()),
        api_key_prefix="ph_x",
        owner_id=ObjectId(),
    )
    await application.insert()
    key = application.key
    return House(
        key,
        a_scope("operator", key),
        a_scope("editor", key),
        a_scope("viewer", key),
        a_scope("operator", ObjectId()),
    )


@pytest.fixture
async def prompt(house: House) -> Prompt:
    return await create_prompt(
        house.editor, NewPrompt(application_id=house.application_id, name="Greeting")
    )
