"""Reading prompts from a file: what is sound is kept, what is not is named by its line."""

from core.prompts.reading import read_leniently

GOOD = b'{"id": "hello", "name": "Hello", "content": "Hi {{ name }}", "tags": ["Example"]}'


def test_every_bad_line_is_named_and_every_good_one_kept() -> None:
    lines = [GOOD, b"", b"no json", b'{"id": "x", "content": ""}', b'["id"]', GOOD]

    records, problems = read_leniently(lines)

    assert [record.key for record in records] == ["hello", "hello"]
    assert [problem.message for problem in problems] == [
        "Line 3 is no JSON object.",
        "Line 4 has no 'name'.",
        "Line 5 is no JSON object.",
    ]
