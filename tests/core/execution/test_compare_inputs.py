"""What of an input reaches which column of a comparison."""

from core.documents import Column, ExecutionLog
from core.execution.compare import compare
from core.execution.request import Engine
from tests.builders import a_body
from tests.core.execution.test_compare import ADA, SAVED, a_comparison
from tests.fake_provider import FakeProvider
from tests.places import Place


async def test_a_version_is_sent_what_it_knows_of_an_input_made_for_all_columns(
    place: Place, engine: Engine, fake: FakeProvider
) -> None:
    newer = Column(
        prompt_id="greet",
        body=a_body("Hello {{ name }} of {{ country }}."),
        model="openai/gpt-4o",
        label="New",
    )
    both = {**ADA, "country": "Kenya"}
    comparison = await a_comparison(place, SAVED, newer, inputs=(both,))

    await compare(place.scope, comparison, engine=engine)

    sent = {chat.body["model"]: chat.body["messages"][-1]["content"] for chat in fake.chats}
    assert "Kenya" in sent["gpt-4o"]
    assert "Ada" in sent["gpt-4o-mini"]
    rows = await ExecutionLog.find_all().to_list()
    assert {row.model_name: row.input_data["variables"] for row in rows} == {
        "gpt-4o": both,
        "gpt-4o-mini": ADA,
    }
