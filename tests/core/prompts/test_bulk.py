"""Bringing in many prompts: repeatable, to the letter, with progress."""

import orjson
import pytest
from bson import ObjectId

from core.documents import Application, Prompt, PromptVersion
from core.prompts.bulk import PromptRecord, import_prompts
from core.prompts.catalogue import deactivate_prompt, get_prompt
from core.prompts.reading import read_leniently
from core.prompts.samples import load_samples
from core.templates.render import render_messages
from tests.core.prompts.conftest import House


def line(**fields: object) -> bytes:
    return orjson.dumps({"id": "acp-chef", "name": "Chef", "content": "Cook.", **fields})


def read(*lines: bytes) -> list[PromptRecord]:
    return read_leniently(lines).records


async def test_importing_again_changes_nothing(house: House) -> None:
    records = read(*(line(id=f"p-{n}", content=f"Text {n}") for n in range(40)))
    seen: list[tuple[int, int]] = []

    def watch(done: int, total: int) -> None:
        seen.append((done, total))

    first = await import_prompts(house.editor, house.application_id, records, progress=watch)
    again = await import_prompts(house.editor, house.application_id, records)

    assert (first, again) == ((40, 0, 0), (0, 0, 40))
    assert seen[-1] == (40, 40)
    assert await PromptVersion.count() == 40


async def test_a_changed_text_becomes_a_new_version(house: House) -> None:
    await import_prompts(house.editor, house.application_id, read(line()))

    counts = await import_prompts(house.editor, house.application_id, read(line(content="Bake.")))

    prompt = await Prompt.find_one({"prompt_id": "acp-chef"})
    assert counts == (0, 1, 0)
    assert prompt is not None
    assert prompt.newest_version == "1.0.1"


@pytest.mark.parametrize(
    "text",
    [
        "Use {{this",
        "{% raw",
        "{# note",
        "key: ${{ github.token }}",
        "{% macro a() %}{% endmacro %}",
    ],
)
def test_a_text_that_is_no_template_is_kept_to_the_letter(text: str) -> None:
    record = read(line(content=text))[0]

    assert render_messages(record.body, {})[-1].content == text


@pytest.mark.parametrize(
    "broken", [b"[1]", b"{", b'"x"', line(name=""), line(content=3), b'{"id": "a"}']
)
def test_a_broken_line_is_named(broken: bytes) -> None:
    reading = read_leniently([line(), broken])

    assert [problem.message[:6] for problem in reading.problems] == ["Line 2"]


async def test_a_prompt_out_of_service_holds_up_no_import(house: House) -> None:
    records = read(line(id="one"), line(id="two"))
    await import_prompts(house.editor, house.application_id, records)
    two = await get_prompt(house.editor, "two")
    await deactivate_prompt(house.operator, two)

    changed = read(line(id="one", content="Bake."), line(id="two", content="Bake."))
    counts = await import_prompts(house.editor, house.application_id, changed)

    assert counts == (0, 1, 1)


async def test_the_sample_library_is_loaded_and_published(house: House) -> None:
    counts = await load_samples(house.operator, house.application_id)
    again = await load_samples(house.operator, house.application_id)

    assert counts.created == again.unchanged == await Prompt.count()
    assert await Prompt.find({"current_version": "1.0.0"}).count() == counts.created


async def test_two_applications_can_hold_the_same_samples(house: House) -> None:
    other = Application(name="B", api_key_hash="b", api_key_prefix="b", owner_id=ObjectId())
    await other.insert()
    scope = type(house.operator)(kind="system", actor="system")

    one = await load_samples(scope, house.application_id)
    two = await load_samples(scope, other.key)

    assert one == two
