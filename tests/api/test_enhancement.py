"""Remarks and rewrites over REST."""

from collections.abc import Generator

import pytest

from core.settings import OpenAISettings, ProviderSettings, Settings
from tests.api.people import Desk, Visitor, a_desk
from tests.fake_provider import FakeProvider, running


@pytest.fixture
def provider() -> Generator[FakeProvider]:
    with running() as provider:
        yield provider


@pytest.fixture
def settings(settings: Settings, provider: FakeProvider) -> Settings:
    openai = ProviderSettings(openai=OpenAISettings(base_url=provider.url), deadline_seconds=5)
    return settings.model_copy(update={"providers": openai})


@pytest.fixture
async def desk(visitor: Visitor) -> Desk:
    return await a_desk(visitor)


async def test_remarks_name_their_place_and_a_remedy(desk: Desk) -> None:
    saved = (await desk.save("Answer:\n{{ question }}")).json()

    answer = await desk.owner.post(f"{desk.versions}/{saved['version']}/validate")

    assert answer.status_code == 200
    findings = {one["code"]: one for one in answer.json()["findings"]}
    assert set(findings) == {"undeclared", "placement"}
    assert findings["placement"]["position"] == {"line": 2, "column": 4}
    assert findings["placement"]["remedy"]
    assert answer.json()["rendered"] == [{"role": "user", "content": "Answer:\nSample question"}]


async def test_a_rewrite_is_a_body_that_can_be_saved(desk: Desk, provider: FakeProvider) -> None:
    provider.answer = "<improved_content>Greet {{ name }}.</improved_content>"
    wish = {"model": "openai/gpt-4o-mini", "instruction": "Shorter."}

    answer = await desk.owner.post(f"{desk.versions}/latest/boost", wish)

    boosted = answer.json()
    assert (answer.status_code, boosted["proposal"]["content"]) == (200, "Greet {{ name }}.")
    assert [one["what"] for one in boosted["diff"]] == ["Prompt changed"]
    row = (await desk.owner.get(f"/executions/{boosted['execution_id']}")).json()
    assert (row["model"], row["version"]) == ("openai/gpt-4o-mini", None)
    saved = await desk.owner.post(desk.versions, boosted["proposal"])
    assert (saved.status_code, saved.json()["is_published"]) == (201, False)


async def test_a_rewrite_that_cannot_be_taken_names_the_execution(desk: Desk) -> None:
    before = (await desk.owner.get(desk.versions)).json()

    answer = await desk.owner.post(f"{desk.versions}/latest/boost", {"instruction": "Shorter."})

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (502, "proposal_unusable")
    row = (await desk.owner.get(f"/executions/{problem['execution_id']}")).json()
    assert row["status"] == "success"
    assert row["metadata"] == {"purpose": "boost", "version": "1.0.0"}
    assert (await desk.owner.get(desk.versions)).json() == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"model": "nobody/x"}, 422),
        ({"model": "\x00"}, 422),
        ({"instruction": "\x00"}, 422),
        ({"instruction": "a" * 5000}, 413),
        ({"instruction": 7}, 422),
        ({"prompt": "x"}, 422),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    desk: Desk, body: dict[str, object], status: int
) -> None:
    answer = await desk.owner.post(f"{desk.versions}/1.0.0/boost", body)

    assert answer.status_code == status
