"""Reading prompts from a file: what is sound is kept, what is not is named by its line."""

from core.prompts.reading import read_leniently

GOOD = b'{"id": "hello", "name": "Hello", "content": "Hi {{ name }}", "tags": ["Example"]}'


def test_every_bad_line_is_named_and_every_good_one_kept() -> None:
    lines = [GOOD, b"", b"no json", b'{"id": "x", "content": ""}', b'["id"]', GOOD]

    records, problems, plain = read_leniently(lines)

    assert [record.key for record in records] == ["hello", "hello"]
    assert plain == 0
    assert [problem.message for problem in problems] == [
        "Line 3 is no JSON object.",
        "Line 4 has no 'name'.",
        "Line 5 is no JSON object.",
    ]


def test_the_variables_of_a_template_are_declared_and_plain_texts_counted() -> None:
    reading = read_leniently([GOOD, b'{"id": "y", "name": "Y", "content": "{{"}'])

    fields = [record.body.required_fields for record in reading.records]
    assert [[field.name for field in declared] for declared in fields] == [["name"], []]
    assert reading.plain == 1
