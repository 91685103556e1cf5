"""What is shipped may be shipped, and works."""

from core.prompts.samples import read_samples
from core.templates.render import check_body, render_messages


def test_the_sample_library_is_in_the_public_domain() -> None:
    assert {record.metadata["license"] for record in read_samples()} == {"CC0-1.0"}


def test_every_sample_has_its_own_key() -> None:
    records = read_samples()

    assert 60 <= len(records) <= 100
    assert len({record.key for record in records}) == len(records)


def test_every_sample_renders_with_a_value_for_each_field() -> None:
    for record in read_samples():
        check_body(record.body)
        values = {
            field.name: field.default or f"my {field.name}" for field in record.body.required_fields
        }

        message = render_messages(record.body, values)[-1]

        assert all(str(value) in message.content for value in values.values())
