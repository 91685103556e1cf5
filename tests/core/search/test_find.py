"""Finding by words: scoped and filtered, ranked, with the reason shown."""

import pytest

from core.errors import Invalid, NotAllowed, NotFound
from core.prompts.catalogue import PromptChanges, deactivate_prompt, update_prompt
from core.prompts.labels import move_label
from core.search.engine import SearchEngine
from core.search.find import Found, SearchQuery, find_prompts
from core.values.scope import SYSTEM, Scope
from tests.core.search.conftest import Desk, a_prompt


@pytest.fixture
async def library(desk: Desk) -> Desk:
    me = desk.operator
    minutes = await a_prompt(
        me, "Board minutes", "Record motions and votes.", publish=True, folder="Legal/Board",
        tags=("legal", "summary"),
    )  # fmt: skip
    await move_label(me, minutes, "production", "1.0.0", reason="")
    await a_prompt(
        me, "Meeting summary", "Sum up (a+)+ what was voted.", tags=("summary",),
        description="For meetings of directors.",
    )  # fmt: skip
    review = await a_prompt(me, "Legal review", "Find risks in the contract.", folder="Legal")
    await deactivate_prompt(me, review)
    await a_prompt(desk.neighbour, "Board games", "Explain the votes of the board game.")
    return desk


async def find(scope: Scope, engine: SearchEngine, text: str, **query: object) -> Found:
    asked = SearchQuery.model_validate({"text": text, **query})
    return await find_prompts(scope, asked, engine=engine)


def names(found: Found) -> list[str]:
    return [hit.prompt.name for hit in found.items]


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("vote", {}, ["Board minutes", "Meeting summary"]),
        ("board votes", {}, ["Board minutes", "Meeting summary"]),
        ("BOARD", {}, ["Board minutes"]),
        ("Meeting", {}, ["Meeting summary"]),
        ("mot", {}, ["Board minutes"]),
        ("mot ", {}, []),
        ("legal", {}, ["Board minutes"]),
        ("leg", {}, ["Board minutes"]),
        ("legal/board", {}, ["Board minutes"]),
        ("board-minutes", {}, ["Board minutes"]),
        ("summary votes", {}, ["Meeting summary", "Board minutes"]),
        ("of directors", {}, ["Meeting summary"]),
        ("risks", {}, []),
        ("risks", {"state": "inactive"}, ["Legal review"]),
        ("votes", {"state": "published"}, ["Board minutes"]),
        ("votes", {"state": "draft"}, ["Meeting summary"]),
        ("votes", {"tags": ("legal",)}, ["Board minutes"]),
        ("votes", {"tags": ("legal", "summary")}, ["Board minutes"]),
        ("votes", {"folder": "Legal"}, ["Board minutes"]),
        ("votes", {"folder": "Leg"}, []),
        ("votes", {"label": "production"}, ["Board minutes"]),
        ("votes", {"label": "elsewhere"}, []),
        ("the", {}, []),
        ("(a+)+", {}, []),
        ("🙂", {}, []),
        ("x" * 500, {}, []),
        ("( " * 250, {}, []),
        (".*", {}, []),
    ],
)
async def test_what_is_asked_for_is_found(
    library: Desk, engine: SearchEngine, text: str, query: dict[str, object], expected: list[str]
) -> None:
    found = await find(library.operator, engine, text, **query)

    assert names(found) == expected
    assert found.mode == "lexical"


async def test_others_prompts_are_not_found(library: Desk, engine: SearchEngine) -> None:
    assert names(await find(library.neighbour, engine, "votes board")) == ["Board games"]
    assert len(names(await find(SYSTEM, engine, "votes"))) == 3
    with pytest.raises(NotFound):
        await find(library.operator, engine, "votes", application_id=library.other_id)
    key = Scope(kind="application", roles={library.application_id: "viewer"})
    with pytest.raises(NotAllowed):
        await find(key, engine, "votes")


async def test_a_hit_shows_the_words_that_were_met(library: Desk, engine: SearchEngine) -> None:
    (hit, _) = (await find(library.operator, engine, "boards votes")).items

    assert hit.version == "1.0.0"
    assert [piece.text for piece in hit.name if piece.is_match] == ["Board"]
    assert "".join(piece.text for piece in hit.passage) == "Record motions and votes."
    assert hit.matches == ("Board", "votes")
    assert hit.prompt.search_text == ""


async def test_a_passage_shows_the_words_of_links_and_no_addresses(
    desk: Desk, engine: SearchEngine
) -> None:
    await a_prompt(desk.operator, "One", "Follow [the commits](https://example.org/a) rules.")

    (hit,) = (await find(desk.operator, engine, "rules")).items

    assert "".join(piece.text for piece in hit.passage) == "Follow the commits rules."


async def test_a_prompt_stands_by_its_current_version(desk: Desk, engine: SearchEngine) -> None:
    await a_prompt(desk.operator, "One", "About apples.", "About pears.", publish=True)
    await a_prompt(desk.operator, "Two", "About cherries.", "About pears.")

    by_default = await find(desk.operator, engine, "pears")
    by_all = await find(desk.operator, engine, "pears", all_versions=True)
    old = await find(desk.operator, engine, "apples cherries", all_versions=True)

    assert [(hit.prompt.name, hit.version) for hit in by_default.items] == [("Two", "1.0.1")]
    assert sorted((hit.prompt.name, hit.version) for hit in by_all.items) == [
        ("One", "1.0.1"),
        ("Two", "1.0.1"),
    ]
    assert sorted(hit.prompt.name for hit in old.items) == ["One", "Two"]


async def test_a_prompt_without_a_version_is_found_by_what_it_is_called(
    library: Desk, engine: SearchEngine
) -> None:
    await a_prompt(library.operator, "Plan a trip", tags=("travel", "summary"))
    await a_prompt(library.neighbour, "Plan a party")

    (hit,) = (await find(library.operator, engine, "plan a trip")).items
    by_tag = await find(library.operator, engine, "summ", state="draft")

    assert (hit.prompt.name, hit.version, hit.passage) == ("Plan a trip", None, ())
    assert names(by_tag) == ["Plan a trip", "Meeting summary"]
    assert names(await find(library.operator, engine, "plan cheap")) == []
    assert names(await find(library.operator, engine, "plan", state="published")) == []
    assert names(await find(library.operator, engine, "plan", tags=("legal",))) == []


async def test_new_tags_and_another_folder_are_words_at_once(
    desk: Desk, engine: SearchEngine
) -> None:
    prompt = await a_prompt(desk.operator, "One", "About apples.", tags=("fruit",))
    assert names(await find(desk.operator, engine, "fruit")) == ["One"]

    changes = PromptChanges(tags=("harvest",), folder="Orchard")
    await update_prompt(desk.operator, prompt, changes)

    assert names(await find(desk.operator, engine, "harvest orchard")) == ["One"]
    assert names(await find(desk.operator, engine, "fruit")) == []


async def test_a_label_must_be_written_as_one(desk: Desk, engine: SearchEngine) -> None:
    with pytest.raises(Invalid):
        await find(desk.operator, engine, "votes", label="$where")
