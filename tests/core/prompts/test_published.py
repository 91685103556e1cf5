"""What was published when, and what prompts are called, of what the caller may see."""

from datetime import timedelta

from bson import ObjectId

from core import clock
from core.prompts.catalogue import NewPrompt, create_prompt
from core.prompts.published import find_names, list_publishes
from core.prompts.publishing import publish_version
from core.prompts.versions import save_version
from tests.core.prompts.conftest import House, a_version


async def test_publishes_of_a_span_are_listed_to_those_who_see_the_prompt(house: House) -> None:
    for name in ("Greet", "Sum up"):
        new = NewPrompt(application_id=house.application_id, name=name)
        prompt = await create_prompt(house.editor, new)
        await save_version(house.editor, prompt, a_version(f"{name}, in short."))
        await publish_version(house.operator, prompt, "1.0.0")
    now, day = clock.now(), timedelta(days=1)
    span = now - day, now + day

    found = await list_publishes(house.viewer, *span)
    narrowed = await list_publishes(house.viewer, *span, prompt_id="greet")

    assert [(one.name, one.version) for one in found] == [("Sum up", "1.0.0"), ("Greet", "1.0.0")]
    assert [one.prompt_id for one in narrowed] == ["greet"]
    assert await list_publishes(house.viewer, now - 2 * day, now - day) == []
    assert await list_publishes(house.stranger, *span) == []
    greet = house.application_id, "greet"
    named = await find_names(house.viewer, {greet, (house.application_id, "gone")})
    assert named == {greet: "Greet"}
    assert await find_names(house.viewer, {(house.viewer.user_id or ObjectId(), "greet")}) == {}
    assert await find_names(house.stranger, {greet}) == {}
