from typing import Any

import pytest

from core.errors import Invalid
from core.prompts.versions import NewVersion, save_version, update_draft
from core.values.scope import SYSTEM
from tests.builders import a_body
from tests.places import Place, a_place


@pytest.fixture
async def place(database: object) -> Place:  # noqa: ARG001 -- opened for its effect
    return await a_place()


@pytest.mark.parametrize(
    ("policy", "field"),
    [
        ({"pre_validation": {"validators": ["nothing"]}}, "pre_validation.validators"),
        ({"post_validation": {"format_schema": {"$ref": "http://127.0.0.1:9/"}}},
         "post_validation.format_schema"),
        ({"post_validation": {"prohibited_terms": ["regex:("]}},
         "post_validation.prohibited_terms"),
    ],
)  # fmt: skip
async def test_an_unsound_policy_is_not_saved(
    place: Place, policy: dict[str, Any], field: str
) -> None:
    body = a_body(guardrail_config=policy)
    draft = await save_version(SYSTEM, place.prompt, NewVersion(body=a_body("other")))

    async def save() -> object:
        return await save_version(SYSTEM, place.prompt, NewVersion(body=body))

    async def edit() -> object:
        return await update_draft(SYSTEM, place.prompt, draft.version.version, body)

    for attempt in (save, edit):
        with pytest.raises(Invalid) as raised:
            await attempt()
        assert raised.value.field == f"guardrail_config.{field}"


async def test_a_schema_with_references_is_stored_as_it_is(place: Place) -> None:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": "#/$defs/a.b",
              "$defs": {"a.b": {"properties": {"$x": {"type": "string"}}}}}  # fmt: skip
    policy = {"post_validation": {"enabled": True, "format_schema": schema}}
    saved = await save_version(
        SYSTEM, place.prompt, NewVersion(body=a_body(guardrail_config=policy))
    )
    body = a_body("changed {{ name }}", guardrail_config=policy)

    changed = await update_draft(SYSTEM, place.prompt, saved.version.version, body)

    assert changed.guardrail_config.post_validation.format_schema == schema
