"""Bringing in a file: what is taken, what is refused and why, what stays as it is."""

from typing import Any

import pytest
from bson import ObjectId

from core.documents import AuditEvent
from core.errors import Conflict, NotAllowed, NotFound
from core.prompts.publishing import publish_version
from core.prompts.repair import repair_prompts
from core.prompts.resolve import resolve_version
from core.prompts.versions import NewVersion, delete_draft, save_version
from core.values.scope import SYSTEM
from tests.builders import a_body, a_scope, an_application
from tests.core.transfer.files import (
    a_prompt_of,
    a_version_of,
    bring,
    count_stored,
    made_of,
    stored,
)

pytestmark = pytest.mark.usefixtures("database")

OTHER = "0" * 64


@pytest.fixture
async def place(database: object) -> ObjectId:  # noqa: ARG001 - opened for its effect
    return (await an_application()).key


async def test_a_file_is_taken_with_versions_labels_and_latest(place: ObjectId) -> None:
    file = a_prompt_of(
        "greet",
        a_version_of("a", "1.0.0"),
        a_version_of("b", "1.0.1"),
        a_version_of("c", "2.0.0", is_published=False),
        current_version="1.0.0",
        labels={"beta": "1.0.1"},
        tags=["Mail"],
    )

    (item,) = (await bring(place, file)).items

    assert (item.outcome, item.versions_added) == ("created", ("1.0.0", "1.0.1", "2.0.0"))
    assert (item.versions_published, item.current_version) == (("1.0.0", "1.0.1"), "1.0.0")
    prompt = await stored()
    assert (prompt.current_version, prompt.newest_version) == ("1.0.0", "2.0.0")
    assert (prompt.labels, prompt.tags) == ({"beta": "1.0.1"}, ["mail"])
    assert (await resolve_version(SYSTEM, prompt, "latest")).content == "a"
    assert (await AuditEvent.find_one({"action": "prompt.import"})) is not None
    assert await repair_prompts() == 0


async def test_order_within_the_file_does_not_matter(place: ObjectId) -> None:
    letter = a_prompt_of("letter", a_version_of("{{ greet }}", dependencies=made_of("greet")))
    report = await bring(place, letter, a_prompt_of("greet"))

    assert report.count("created") == 2


async def test_two_prompts_may_be_made_of_each_others_earlier_versions(place: ObjectId) -> None:
    one = a_prompt_of(
        "one", a_version_of("a"), a_version_of("b", "1.0.1", dependencies=made_of("two"))
    )
    two = a_prompt_of(
        "two", a_version_of("c"), a_version_of("d", "1.0.1", dependencies=made_of("one"))
    )

    assert (await bring(place, one, two)).count("created") == 2


REFUSED: dict[str, tuple[Any, str, str]] = {
    "a changed body": (
        a_prompt_of("greet", a_version_of(checksum=OTHER)),
        "versions.0.checksum", "changed",
    ),
    "a label of no version": (
        a_prompt_of(labels={"beta": "9.0.0"}),
        "labels.beta", "not in the file",
    ),
    "a label of a draft": (
        a_prompt_of("greet", a_version_of(is_published=False), labels={"beta": "1.0.0"}),
        "labels.beta", "draft",
    ),
    "latest of no version": (
        a_prompt_of(current_version="9.0.0"),
        "current_version", "not in the file",
    ),
    "a label named latest": (a_prompt_of(labels={"latest": "1.0.0"}), "label", "latest"),
    "a reserved id": (a_prompt_of("search"), "prompt_id", "reserved"),
    "a number twice": (
        a_prompt_of("greet", a_version_of("a"), a_version_of("b")),
        "versions", "twice",
    ),
    "an unknown part": (
        a_prompt_of("greet", a_version_of(dependencies=made_of("nobody"))),
        "versions.0.body.dependencies", "no prompt",
    ),
    "itself": (
        a_prompt_of("greet", a_version_of(dependencies=made_of("greet"))),
        "versions.0.body.dependencies", "circle",
    ),
    "a part that moves": (
        a_prompt_of("greet", a_version_of(dependencies=made_of("greet", "latest"))),
        "versions.0.body.dependencies", "can move",
    ),
    "a broken template": (
        a_prompt_of("greet", a_version_of("{{ a")),
        "versions.0.body.content", "",
    ),
    "an unknown field": (a_prompt_of(owner="me"), "owner", "Extra"),
    "a number that is none": (
        a_prompt_of("greet", a_version_of(version="1"), current_version=None),
        "versions.0.version", "dots",
    ),
    "no object": ([1], "", ""),
    "nothing": ({}, "prompt_id", "required"),
}  # fmt: skip


@pytest.mark.parametrize(("prompt", "field", "word"), REFUSED.values(), ids=REFUSED)
async def test_what_cannot_be_taken_is_refused_whole_and_the_others_go_on(
    place: ObjectId, prompt: Any, field: str, word: str
) -> None:
    report = await bring(place, prompt, a_prompt_of("other"))

    refused, taken = report.items
    assert (refused.outcome, taken.outcome) == ("refused", "created")
    assert refused.problems[0].field == field
    assert word in refused.problems[0].message
    assert await count_stored() == (1, 1)


async def test_what_is_made_of_the_refused_is_refused_too(place: ObjectId) -> None:
    top = a_prompt_of("top", a_version_of("x", dependencies=made_of("middle")))
    middle = a_prompt_of("middle", a_version_of("y", dependencies=made_of("bottom")))
    bottom = a_prompt_of("bottom", a_version_of("{{ broken"))

    report = await bring(place, top, middle, bottom)

    assert report.count("refused") == 3
    assert await count_stored() == (0, 0)


async def test_a_prompt_that_stands_twice_is_taken_once(place: ObjectId) -> None:
    report = await bring(place, a_prompt_of(), a_prompt_of())

    assert [item.outcome for item in report.items] == ["created", "refused"]


async def test_a_number_of_another_text_or_a_deleted_draft_is_refused(place: ObjectId) -> None:
    await bring(place, a_prompt_of("greet", a_version_of("mine", is_published=False)))
    taken = await bring(place, a_prompt_of("greet", a_version_of("theirs")))
    await delete_draft(SYSTEM, await stored(), "1.0.0")
    used = await bring(place, a_prompt_of("greet", a_version_of("mine")))

    assert [r.items[0].problems[0].code for r in (taken, used)] == ["version_exists"] * 2
    assert "deleted" in used.items[0].problems[0].message


async def test_an_existing_prompt_keeps_its_description_its_labels_and_latest(
    place: ObjectId,
) -> None:
    await bring(place, a_prompt_of("greet", a_version_of("a"), labels={"beta": "1.0.0"}))
    newer = a_prompt_of(
        "greet",
        a_version_of("a"),
        a_version_of("b", "1.0.1"),
        name="Another name",
        labels={"beta": "1.0.1", "new": "1.0.1"},
    )

    kept = (await bring(place, newer)).items[0]
    assert kept.kept == ("name", "labels.beta", "current_version")
    assert (kept.labels, kept.versions_added) == ({"new": "1.0.1"}, ("1.0.1",))
    prompt = await stored()
    assert (prompt.name, prompt.current_version) == ("Greet", "1.0.0")
    assert prompt.labels == {"beta": "1.0.0", "new": "1.0.1"}

    moved = (await bring(place, newer, move_labels=True)).items[0]
    assert (moved.labels, moved.current_version) == ({"beta": "1.0.1"}, "1.0.1")
    prompt = await stored()
    assert (prompt.current_version, prompt.labels["beta"]) == ("1.0.1", "1.0.1")
    assert (await bring(place, newer, move_labels=True)).count("unchanged") == 1
    assert await repair_prompts() == 0


async def test_latest_never_goes_back_behind_a_publish_of_the_target(place: ObjectId) -> None:
    old = a_prompt_of("greet", a_version_of("a"))
    await bring(place, old)
    saved = await save_version(SYSTEM, await stored(), NewVersion(body=a_body("b")))
    await publish_version(SYSTEM, await stored(), saved.version.version)

    report = await bring(place, old, move_labels=True)

    assert report.items[0].kept == ("current_version",)
    assert (await stored()).current_version == "1.0.1"


async def test_an_editor_brings_in_drafts_and_an_operator_publishes_them(place: ObjectId) -> None:
    editor, operator = a_scope("editor", place), a_scope("operator", place)
    file = a_prompt_of()

    refused = (await bring(place, file, scope=editor)).items[0]
    drafts = await bring(place, file, scope=editor, as_drafts=True)
    published = (await bring(place, file, scope=operator)).items[0]

    assert {problem.code for problem in refused.problems} == {"not_allowed"}
    assert "operator" in refused.problems[0].message
    assert drafts.count("created") == 1
    assert (published.outcome, published.versions_published) == ("changed", ("1.0.0",))
    assert (await stored()).current_version == "1.0.0"


async def test_who_may_import(place: ObjectId) -> None:
    for scope, error in (
        (a_scope("viewer", place), NotAllowed),
        (a_scope("admin", ObjectId()), NotFound),
    ):
        with pytest.raises(error):
            await bring(place, a_prompt_of(), scope=scope)
    retired = await an_application(is_active=False)
    with pytest.raises(Conflict):
        await bring(retired.key, a_prompt_of())


async def test_a_dry_run_stores_nothing_and_tells_the_same(place: ObjectId) -> None:
    file = [a_prompt_of(), a_prompt_of("broken", a_version_of("{{ a"))]

    would = await bring(place, *file, dry_run=True)
    assert await count_stored() == (0, 0)
    assert await AuditEvent.count() == 0
    did = await bring(place, *file)

    assert (would.dry_run, did.dry_run, would.items) == (True, False, did.items)


async def test_progress_is_told(place: ObjectId) -> None:
    seen: list[tuple[int, int]] = []

    def watch(done: int, total: int) -> None:
        seen.append((done, total))

    await bring(place, *(a_prompt_of(f"p-{n}") for n in range(20)), progress=watch)

    assert seen == [(16, 20), (20, 20)]
