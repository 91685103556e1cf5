"""Near-duplicates: what is the same or similar, and for whose eyes; with and without vectors."""

import pytest
from bson import ObjectId

from core.errors import NotFound
from core.prompts.catalogue import deactivate_prompt
from core.search.duplicates import BY_WORDS_ONLY, list_duplicates
from core.search.engine import SearchEngine
from core.search.find import SearchQuery, find_prompts
from core.search.masking import digest_of, overlap_of, shingles_of
from core.search.similar import Neighbour, find_similar, kind_of
from core.values.scope import SYSTEM
from tests.builders import a_body, a_scope
from tests.core.search.conftest import Desk, a_prompt
from tests.core.search.restless import an_engine

LETTER = "Write a friendly letter to {{ customer }} about the delayed delivery of the order."
ASKED = "write a FRIENDLY letter to {{ client_name }} - about the delayed delivery of the order!"
OTHER = "Explain how volcanoes erupt, in words that a child of six understands."


async def embedded() -> SearchEngine:
    """An engine whose vectors are all made."""
    engine, behind = an_engine()
    await behind.follow()
    return engine


def kinds(found: list[Neighbour]) -> list[tuple[str, str]]:
    return [(one.prompt.name, one.kind) for one in found]


@pytest.mark.parametrize("has_vectors", [False, True])
async def test_a_copy_with_other_variables_is_the_same(desk: Desk, has_vectors: bool) -> None:
    me = desk.operator
    letter = await a_prompt(me, "Letter", LETTER)
    await a_prompt(me, "Volcanoes", OTHER)
    engine = await embedded() if has_vectors else SearchEngine()

    found = await find_similar(me, desk.application_id, a_body(ASKED), engine=engine)
    (cluster,) = (await make_copy_and_list(desk, engine)).clusters

    assert kinds(found)[0] == ("Letter", "same")
    assert (found[0].cosine is not None) == has_vectors
    assert found[0].content == LETTER
    assert [one.prompt.name for one in cluster.members] == ["Letter", "Copy"]
    assert cluster.kind == "same"
    assert kinds(await find_similar(me, None, a_body(OTHER), exclude=letter.key, engine=engine))[
        :1
    ] == [("Volcanoes", "same")]


async def make_copy_and_list(desk: Desk, engine: SearchEngine):  # noqa: ANN201 - as the verb returns
    await a_prompt(desk.operator, "Copy", ASKED)
    return await list_duplicates(desk.operator, engine=engine)


async def test_the_own_prompt_and_those_out_of_service_are_no_neighbours(desk: Desk) -> None:
    me = desk.operator
    own = await a_prompt(me, "Letter", LETTER, "Another text.")
    gone = await a_prompt(me, "Gone", LETTER)
    await deactivate_prompt(me, gone)
    engine = await embedded()

    found = await find_similar(
        me, desk.application_id, a_body(LETTER), exclude=own.key, engine=engine
    )

    assert found == []
    assert (await list_duplicates(me, engine=engine)).clusters == []


async def test_others_texts_are_neighbours_of_nobody_else(desk: Desk) -> None:
    await a_prompt(desk.neighbour, "Theirs", LETTER)
    await a_prompt(desk.neighbour, "Theirs too", ASKED)
    engine = await embedded()
    me, stranger = desk.operator, a_scope("admin", ObjectId())

    for who in (me, stranger):
        asked = SearchQuery(text=LETTER, all_versions=True)
        found = await find_prompts(who, asked, engine=engine)
        assert (found.mode, found.items) == ("hybrid", [])
        assert await find_similar(who, None, a_body(LETTER), engine=engine) == []
        assert (await list_duplicates(who, engine=engine)).clusters == []
        with pytest.raises(NotFound):
            await find_similar(who, desk.other_id, a_body(LETTER), engine=engine)
        with pytest.raises(NotFound):
            await list_duplicates(who, desk.other_id, engine=engine)
    assert len((await list_duplicates(SYSTEM, engine=engine)).clusters) == 1


async def test_what_others_have_changes_no_score(desk: Desk) -> None:
    await a_prompt(desk.operator, "Letter", LETTER)
    await a_prompt(desk.operator, "Volcanoes", OTHER)
    asked = SearchQuery(text="letter volcanoes")
    before = await find_prompts(desk.operator, asked, engine=SearchEngine())

    for number in range(5):
        await a_prompt(desk.neighbour, f"Letter {number}", LETTER)
    after = await find_prompts(desk.operator, asked, engine=SearchEngine())

    assert [(hit.prompt.name, hit.score) for hit in after.items] == [
        (hit.prompt.name, hit.score) for hit in before.items
    ]


async def test_what_has_no_vectors_yet_is_found_by_its_words(desk: Desk) -> None:
    engine = await embedded()
    await a_prompt(desk.operator, "Letter", LETTER)

    found = await find_prompts(desk.operator, SearchQuery(text="letter"), engine=engine)
    near = await find_similar(desk.operator, None, a_body(LETTER), engine=engine)

    assert ([hit.prompt.name for hit in found.items], found.mode) == (["Letter"], "hybrid")
    assert [(one.kind, one.cosine) for one in near] == [("same", None)]


async def test_without_vectors_the_list_says_what_it_cannot_see(
    desk: Desk, engine: SearchEngine
) -> None:
    assert (await list_duplicates(desk.operator, engine=engine)).notice == BY_WORDS_ONLY
    assert (await list_duplicates(desk.operator, engine=await embedded())).notice == BY_WORDS_ONLY
    await a_prompt(desk.operator, "Letter", LETTER)
    assert (await list_duplicates(desk.operator, engine=await embedded())).notice == ""


@pytest.mark.parametrize(
    ("cosine", "overlap", "expected"),
    [
        (0.99, 0.49, "similar"),
        (0.95, 0.5, "same"),
        (0.94, 0.5, "similar"),
        (0.94, 0.92, "same"),
        (0.84, 0.9, None),
        (0.99, 0.05, "similar"),
        (None, 0.8, "same"),
        (None, 0.6, "similar"),
        (None, 0.4, None),
    ],
)
def test_meaning_and_words_say_together_how_alike(
    cosine: float | None, overlap: float, expected: str | None
) -> None:
    assert kind_of(cosine, overlap, is_equal=False) == expected


def test_an_empty_text_is_the_same_as_nothing() -> None:
    assert digest_of("") == digest_of("!!!") == b""
    assert overlap_of(shingles_of(""), shingles_of("")) == 0
    assert overlap_of(shingles_of("one two"), shingles_of("One, two!")) == 1
