"""A library of two applications, people who see one or both, and an engine without an embedder."""

from typing import NamedTuple

import pytest
from bson import ObjectId

from core.documents import Prompt
from core.prompts.catalogue import NewPrompt, create_prompt
from core.prompts.publishing import publish_version
from core.prompts.versions import NewVersion, save_version
from core.search.engine import SearchEngine
from core.values.body import VersionBody
from core.values.scope import Scope
from tests.builders import a_scope, an_application


class Desk(NamedTuple):
    """Two applications; the operator sees the first, the neighbour the second."""

    application_id: ObjectId
    other_id: ObjectId
    operator: Scope
    neighbour: Scope


def a_version(text: str, **fields: object) -> NewVersion:
    return NewVersion.model_validate({"body": VersionBody(content=text), **fields})


async def a_prompt(
    scope: Scope, name: str, *texts: str, publish: bool = False, **fields: object
) -> Prompt:
    """A prompt with a version for each text, the first of them published when asked for."""
    (application_id,) = scope.roles
    new = NewPrompt.model_validate({"application_id": application_id, "name": name, **fields})
    prompt = await create_prompt(scope, new)
    for text in texts:
        await save_version(scope, prompt, a_version(text))
    if publish:
        await publish_version(scope, prompt, "1.0.0")
    return prompt


@pytest.fixture
async def desk(database: object) -> Desk:  # noqa: ARG001 - opened for its effect; marks do not reach fixtures
    mine, theirs = (await an_application()).key, (await an_application(name="Next door")).key
    return Desk(mine, theirs, a_scope("operator", mine), a_scope("operator", theirs))


@pytest.fixture
def engine() -> SearchEngine:
    return SearchEngine()
