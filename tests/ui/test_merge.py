"""Two edits of one version are brought together field by field."""

from typing import Any

from core.values.body import VersionBody
from streamlit_app.components.desk.merge import Item, Side, list_items, merge, merge_lines


def a_body(content: str = "one\ntwo\nthree\n", **fields: Any) -> VersionBody:
    return VersionBody(content=content, **fields)


def merged(theirs: VersionBody, yours: VersionBody, base: VersionBody, **picks: Side) -> Any:
    """The result with what is suggested, but for `picks`."""
    items = list_items(theirs, yours, base)
    chosen: dict[str, tuple[Item, Side]] = {
        item.key: (item, picks.get(item.key, item.suggested)) for item in items
    }
    return merge(theirs, yours, chosen)


def test_what_only_one_side_changed_is_taken_from_that_side() -> None:
    base = a_body(model="openai/a", required_fields=[{"name": "topic"}])
    theirs = a_body(model="openai/b", required_fields=[{"name": "topic"}, {"name": "tone"}])
    yours = a_body(
        model="openai/a", required_fields=[{"name": "topic"}], model_params={"temperature": 0.2}
    )

    result = merged(theirs, yours, base)

    assert result.model == "openai/b"
    assert [field.name for field in result.required_fields] == ["topic", "tone"]
    assert result.model_params.temperature == 0.2


def test_edits_of_different_lines_are_both_kept_and_of_the_same_line_never_mixed() -> None:
    base = "one\ntwo\nthree\n"

    assert merge_lines(base, "ONE\ntwo\nthree\n", "one\ntwo\nTHREE\n") == "ONE\ntwo\nTHREE\n"
    assert merge_lines(base, "1\ntwo\nthree\n", "ONE\ntwo\nthree\n") is None
    assert merge_lines(base, "two\nthree\n", "one\ntwo\nthree\nfour\n") == "two\nthree\nfour\n"


def test_a_text_that_both_changed_in_one_line_is_ones_own_unless_picked() -> None:
    base, theirs, yours = a_body("hello"), a_body("hello there"), a_body("hello you")

    assert merged(theirs, yours, base).content == "hello you"
    assert merged(theirs, yours, base, content="theirs").content == "hello there"


def test_a_variable_that_they_removed_goes_and_every_pick_of_theirs_gives_theirs() -> None:
    base = a_body(required_fields=[{"name": "topic"}])
    theirs = a_body("other", guardrail_config={"pre_validation": {"enabled": True}})
    yours = a_body("mine", required_fields=[{"name": "topic"}], system_prompt="Be brief.")

    assert merged(theirs, yours, base).required_fields == ()
    sides: dict[str, Side] = {item.key: "theirs" for item in list_items(theirs, yours, base)}
    assert merged(theirs, yours, base, **sides) == theirs
    assert len(sides) == 4
