"""Looking over a file before it is imported: what it is, and what a list would change."""

import orjson
import pytest
from bson import ObjectId

from core.documents import Application, Prompt, PromptVersion
from core.errors import Invalid, NotAllowed
from core.prompts.bulk import import_prompts
from core.prompts.catalogue import deactivate_prompt
from core.transfer.incoming import read_file
from core.transfer.lists import look_over
from core.values.scope import SYSTEM
from tests.builders import a_scope, an_application
from tests.core.transfer.files import a_prompt_of, bring, export

pytestmark = pytest.mark.usefixtures("database")


def line(key: str = "chef", content: str = "Cook.") -> bytes:
    return orjson.dumps({"id": key, "name": key.title(), "content": content})


@pytest.fixture
async def application() -> Application:
    return await an_application()


async def outcomes(application_id: ObjectId, *lines: bytes) -> list[tuple[str, tuple[str, ...]]]:
    records = read_file(b"\n".join(lines)).records
    report = await look_over(SYSTEM, application_id, records)
    return [(item.outcome, item.versions_added) for item in report.items]


async def test_the_look_tells_what_the_import_then_does(application: Application) -> None:
    first = read_file(b"\n".join([line(), line("gone"), line("same")])).records
    await import_prompts(SYSTEM, application.key, first)
    gone = await Prompt.find_one({"prompt_id": "gone"})
    assert gone is not None
    await deactivate_prompt(SYSTEM, gone)
    lines = [line(content="Bake."), line("gone", "X"), line("same"), line("new"), line("new", "Y")]

    told = await outcomes(application.key, *lines)

    assert told == [
        ("changed", ("1.0.1",)),
        ("unchanged", ()),
        ("unchanged", ()),
        ("created", ("1.0.0",)),
        ("changed", ("1.0.1",)),
    ]
    assert await PromptVersion.count() == 3  # nothing was stored

    # One by one, as several of a prompt are only numbered so when they come in turn.
    for one in lines:
        await import_prompts(SYSTEM, application.key, read_file(one).records)
    stored = [row.version async for row in PromptVersion.find({"version": "1.0.1"})]
    assert len(stored) == 2


async def test_an_editor_may_look_and_a_viewer_may_not(application: Application) -> None:
    records = read_file(line()).records
    await look_over(a_scope("editor", application.key), application.key, records)

    with pytest.raises(NotAllowed):
        await look_over(a_scope("viewer", application.key), application.key, records)


async def test_an_export_is_known_by_its_members(application: Application) -> None:
    await bring(application.key, a_prompt_of())

    incoming = read_file(await export(application.key))

    assert (incoming.is_export, incoming.count) == (True, 1)


def test_lists_come_as_lines_as_an_array_or_as_one_object() -> None:
    entry = orjson.loads(line())
    shapes = (
        line() + b"\n" + line("baker"),
        b"\xef\xbb\xbf"
        + orjson.dumps([entry, {**entry, "id": "baker"}], option=orjson.OPT_INDENT_2),
        orjson.dumps(entry, option=orjson.OPT_INDENT_2),
    )

    assert [read_file(shape).count for shape in shapes] == [2, 2, 1]


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        (b" \n", "The file is empty"),
        (b'{"schema": 1,\n "prompts": [{]}', "line 2, column"),
        (b'{"schema": 9, "prompts": []}', "schema 9; this server reads 1"),
        (b'{"schema": 1, "prompts": {}}', "no list of prompts"),
        (b'[{"id": "x",\n]', "line 2"),
        (b'{\n "id": "x",\n "name": \n}', "line 4"),
    ],
)
def test_a_broken_file_is_refused_with_the_place(contents: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        read_file(contents)


def test_lines_that_cannot_be_read_are_left_out_and_told() -> None:
    incoming = read_file(line() + b"\nno json\n" + line("baker"))

    assert incoming.count == 2
    assert [problem.message for problem in incoming.problems] == ["Line 2 is no JSON object."]
