"""The library's list: scoped in the query, by words, tags, folders, states and labels."""

import pytest

from core.errors import Invalid, NotAllowed, NotFound
from core.prompts.catalogue import NewPrompt, create_prompt, deactivate_prompt
from core.prompts.labels import move_label
from core.prompts.listing import PromptQuery, count_prompts, list_facets, list_prompts
from core.prompts.publishing import publish_version
from core.prompts.versions import save_version
from core.values.scope import Scope
from tests.core.prompts.conftest import House, a_version


@pytest.fixture
async def library(house: House) -> House:
    for name, folder, tags, text in (
        ("Board minutes", "Legal/Board", ("legal", "summary"), "Record motions and Votes."),
        ("Meeting summary", "Support", ("summary",), "Sum up (a+)+ what was said."),
        ("Legal review", "Legal", ("legal",), "Find risks in the contract."),
    ):
        prompt = await create_prompt(
            house.editor,
            NewPrompt(application_id=house.application_id, name=name, folder=folder, tags=tags),
        )
        await save_version(house.editor, prompt, a_version(text))
        if name == "Board minutes":
            await publish_version(house.operator, prompt, "1.0.0")
            await move_label(house.operator, prompt, "production", "1.0.0", reason="")
        if name == "Legal review":
            await deactivate_prompt(house.operator, prompt)
    return house


async def names(scope: Scope, **query: object) -> list[str]:
    page = await list_prompts(
        scope, PromptQuery.model_validate({"sort": "name", **query}), skip=0, limit=10
    )
    assert page.total == len(page.items)
    return [prompt.name for prompt in page.items]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["Board minutes", "Meeting summary"]),
        ({"text": "minut"}, ["Board minutes"]),
        ({"text": "BOARD votes"}, ["Board minutes"]),
        ({"text": "votes summary"}, ["Board minutes"]),
        ({"text": "nowhere"}, []),
        ({"text": "(a+)+"}, ["Meeting summary"]),
        ({"text": "(" * 200}, []),
        ({"tags": ("summary",)}, ["Board minutes", "Meeting summary"]),
        ({"tags": ("summary", "legal")}, ["Board minutes"]),
        ({"folder": "Legal"}, ["Board minutes"]),
        ({"folder": "Leg"}, []),
        ({"state": "published"}, ["Board minutes"]),
        ({"state": "draft"}, ["Meeting summary"]),
        ({"state": "inactive"}, ["Legal review"]),
        ({"label": "production"}, ["Board minutes"]),
    ],
)
async def test_the_list_is_narrowed_by(
    library: House, query: dict[str, object], expected: list[str]
) -> None:
    assert await names(library.viewer, **query) == expected


async def test_another_owner_sees_nothing(library: House) -> None:
    assert await names(library.stranger) == []
    assert await list_facets(library.stranger) == ([], [], [])
    with pytest.raises(NotFound):
        await names(library.stranger, application_id=library.application_id)


async def test_a_label_cannot_carry_an_operator(library: House) -> None:
    with pytest.raises(Invalid):
        await names(library.viewer, label="a.$where")


async def test_pages_follow_each_other(library: House) -> None:
    query = PromptQuery(sort="name")

    first = await list_prompts(library.viewer, query, skip=0, limit=1)
    second = await list_prompts(library.viewer, query, skip=1, limit=1)

    assert [page.items[0].name for page in (first, second)] == ["Board minutes", "Meeting summary"]
    assert first.total == 2


async def test_facets_count_tags_and_name_folders_and_labels(library: House) -> None:
    facets = await list_facets(library.viewer)

    assert facets.tags == [("summary", 2), ("legal", 1)]
    assert facets.folders == ["Legal/Board", "Support"]
    assert facets.labels == ["production"]


async def test_the_list_carries_no_texts(library: House) -> None:
    page = await list_prompts(library.viewer, PromptQuery(), skip=0, limit=10)

    assert {prompt.search_text for prompt in page.items} == {""}
    assert await count_prompts(library.viewer, PromptQuery(state="inactive")) == 1


async def test_names_sort_by_letter_whatever_their_case(house: House) -> None:
    for name in ("Zebra", "apple", "Éclair", "banana"):
        new = NewPrompt(application_id=house.application_id, name=name)
        await create_prompt(house.editor, new)

    assert await names(house.viewer) == ["apple", "banana", "Éclair", "Zebra"]


async def test_an_api_key_cannot_search_drafts_by_their_words(library: House) -> None:
    key = Scope(kind="application", roles=library.viewer.roles)

    with pytest.raises(NotAllowed):
        await list_prompts(key, PromptQuery(text="contract"), skip=0, limit=10)
    with pytest.raises(NotAllowed):
        await list_facets(key)
