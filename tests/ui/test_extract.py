"""The page of extraction without a browser: taking a text in, reviewing it, saving drafts."""

import json

import pytest
from bson import ObjectId
from streamlit.testing.v1 import AppTest

from core.accounts.applications import NewApplication, create_application, list_applications
from core.documents import Prompt, PromptSource, SourceReview, SourceText
from core.extraction.describe import describe_found
from core.extraction.sources import take_text
from core.prompts.versions import get_version
from core.providers.scripted import ScriptedProvider
from core.values.scope import Scope
from streamlit_app import bridge
from tests.places import an_engine
from tests.ui.conftest import Ui
from tests.ui.desk import a_member, a_prompt, button_keys, markdown

ROLE = "You are a travel guide. Tell me of {city} in three lines."
TALE = "Act as a storyteller. I will give you a topic, and you tell a tale of it."
ANSWER = "Here is a tale of the sea: once there was a sailor who could not swim."
TEXT = f"""# Travel

```
{ROLE}
```

# Tales

```
{TALE}
```

The model answers:

```
{ANSWER}
```
"""


@pytest.fixture
def source(ui: Ui, owner: Scope) -> SourceText:
    application = bridge.run(list_applications(owner))[0]
    by = ui.runtime.extractor
    return bridge.run(take_text(owner, application.key, TEXT, by, title="Workshop"))


def at(text: str) -> int:
    return TEXT.index(text)


def review(ui: Ui, source: SourceText, **query: str) -> AppTest:
    app = ui.open("extract", source=str(source.key), **query)
    assert not app.exception
    return app


def captions(app: AppTest) -> str:
    return "\n".join(one.value for one in app.caption)


def save_all(app: AppTest) -> AppTest:
    app.button(key="extract_ask").click().run()
    return app.button(key="extract_save").click().run()


async def forget_sources() -> None:
    await SourceText.collection().delete_many({})


def drafts() -> list[Prompt]:
    return bridge.run(Prompt.find_all().sort("name").to_list())


@pytest.mark.usefixtures("owner")
def test_a_pasted_text_leads_to_its_review_and_an_empty_one_is_told(ui: Ui) -> None:
    app = ui.open("extract", **{"from": "Pasted text"})
    assert "**2. Review**" in markdown(app)

    app.button(key="extract_start").click().run()
    assert "There is no text." in app.error[0].value
    app.text_area(key="extract_text").input(TEXT).run()
    app.button(key="extract_start").click().run()

    assert not app.exception
    assert "source" in app.query_params
    assert "3 proposals · 2 likely prompts · 1 likely answer · 2 ticked" in captions(app)


def test_answers_and_texts_of_the_library_are_unticked(
    ui: Ui, owner: Scope, source: SourceText
) -> None:
    a_prompt(owner, TALE, name="Old tale")
    bridge.run(ui.runtime.search.refresh())

    app = review(ui, source)

    ticks = {int((box.key or "").removeprefix("tick_")): box.value for box in app.checkbox}
    assert ticks == {at(ROLE): True, at(TALE): False, at(ANSWER): False}
    assert "Same text" in markdown(app)


def test_edits_merges_and_drops_survive_a_refresh_and_can_be_undone(
    ui: Ui, source: SourceText
) -> None:
    app = review(ui, source, at=f"{at(ROLE)}-{at(ROLE) + len(ROLE)}")
    name = next(box for box in app.text_input if box.label == "Name")
    name.input("Guide").run()
    app.button(key=f"drop_{at(ROLE)}").click().run()
    app.button(key=f"open_{at(TALE)}").click().run()
    app.button(key=f"merge_{at(TALE)}").click().run()

    again = review(ui, source)
    assert "2 proposals" in captions(again)
    assert "1 dropped" in captions(again)
    assert "2 merged" in markdown(again)
    app.button(key="extract_undo").click().run()
    app.button(key="extract_undo").click().run()
    again = review(ui, source)

    assert "3 proposals · 2 likely prompts" in captions(again)
    assert "Guide" in again.button(key=f"open_{at(ROLE)}").label


def test_saving_makes_a_draft_of_each_tick_once_and_says_which(
    ui: Ui, owner: Scope, source: SourceText
) -> None:
    app = review(ui, source)

    save_all(app)

    assert not app.exception
    assert [one.name for one in drafts()] == ["Tales", "Travel"]
    assert [one.current_version for one in drafts()] == [None, None]
    version = bridge.run(get_version(owner, drafts()[1], "1.0.0"))
    assert "{{ city }}" in version.content
    assert [one.value for one in app.toast] == ["Saved 2 drafts."]
    assert "2 saved" in captions(app)
    assert {box.key for box in app.checkbox} == {f"tick_{at(ANSWER)}"}
    assert app.button(key="extract_ask").disabled


def test_what_cannot_be_saved_says_why_and_the_others_are_saved(ui: Ui, source: SourceText) -> None:
    app = review(ui, source, at=f"{at(TALE)}-{at(TALE) + len(TALE)}")
    text = next(box for box in app.text_area if box.label == "Text")
    text.input("Tell {{ of").run()
    assert "saved" not in captions(app)

    save_all(app)

    assert [one.name for one in drafts()] == ["Travel"]
    assert "**Not saved.**" in app.error[0].value
    assert any("1 could not be saved" in one.value for one in app.toast)


def test_all_are_ticked_over_all_pages_and_the_list_is_narrowed(ui: Ui, source: SourceText) -> None:
    app = review(ui, source, show="Answers")
    assert {box.key for box in app.checkbox} == {f"tick_{at(ANSWER)}"}

    app.button(key="tick_all_True").click().run()
    app.text_input(key="find").input("nothing like it").run()

    assert "3 ticked" in captions(app)
    assert "Nothing matches." in markdown(app)


def test_sources_are_listed_searched_and_counted(ui: Ui, source: SourceText) -> None:
    save_all(review(ui, source))

    app = ui.open("extract")
    assert app.button(key=f"source_{source.key}").label == ":blue[**Workshop**]"
    assert "2 saved" in markdown(app)
    app.text_input(key="sources_find").input("other").run()

    assert f"source_{source.key}" not in button_keys(app)
    assert "Nothing matches." in markdown(app)


def test_sources_of_one_of_two_applications_of_a_name_are_listed(
    ui: Ui, owner: Scope, source: SourceText
) -> None:
    first = bridge.run(list_applications(owner))[0]
    other = bridge.run(create_application(owner, NewApplication(name=first.name))).application
    taken = bridge.run(take_text(owner, other.key, TEXT, ui.runtime.extractor, title="Other"))

    listed = [
        button_keys(ui.open("extract", application=str(key)))
        & {f"source_{source.key}", f"source_{taken.key}"}
        for key in (first.key, other.key)
    ]

    assert listed == [{f"source_{source.key}"}, {f"source_{taken.key}"}]


def test_viewers_read_sources_and_change_nothing(ui: Ui, owner: Scope, source: SourceText) -> None:
    a_member(ui, owner, "viewer")

    app = ui.open("extract")
    assert "Taking a source in needs the role editor" in markdown(app)
    assert "extract_start" not in button_keys(app)
    app = review(ui, source, at=f"{at(ROLE)}-{at(ROLE) + len(ROLE)}")

    assert "Saving prompts from it needs the role editor" in markdown(app)
    assert not app.checkbox
    assert button_keys(app).isdisjoint({"extract_ask", "tick_all_True", f"drop_{at(ROLE)}"})
    assert app.code[0].value.startswith("You are a travel guide.")


def test_strangers_are_told_that_there_is_no_such_source(ui: Ui, source: SourceText) -> None:
    ui.sign_in(ui.add_user("eve@example.org"))

    for asked in (str(source.key), "no-id", str(ObjectId())):
        app = ui.open("extract", source=asked)
        assert not app.exception
        assert "Not found." in app.error[0].value
        assert ROLE not in markdown(app)


def test_a_prompt_tells_where_it_was_found_and_leads_there(ui: Ui, source: SourceText) -> None:
    save_all(review(ui, source))
    link = bridge.run(PromptSource.find_first({"spans.start": at(ROLE)}))
    assert link is not None

    app = ui.open("versions", prompt="travel")

    assert not app.exception
    assert "Found in Workshop" in markdown(app)
    # A pasted text has no address to look at again.
    assert f"check_{link.key}" not in button_keys(app)
    bridge.run(forget_sources())
    assert "its text is not kept any more" in markdown(ui.open("versions", prompt="travel"))


def test_a_review_is_of_one_person(ui: Ui, owner: Scope, source: SourceText) -> None:
    review(ui, source).checkbox(key=f"tick_{at(ROLE)}").uncheck().run()

    a_member(ui, owner, "editor")
    app = review(ui, source)

    assert app.checkbox(key=f"tick_{at(ROLE)}").value
    assert bridge.run(SourceReview.find_all().count()) == 1


def test_names_of_a_model_are_shown_and_what_was_typed_outlasts_them(
    ui: Ui, owner: Scope, source: SourceText
) -> None:
    app = review(ui, source, at=f"{at(TALE)}-{at(TALE) + len(TALE)}")
    next(box for box in app.text_input if box.label == "Name").input("Mine").run()
    said = [{"id": n, "name": f"Said {n}", "description": "Why", "tags": ["sea"]} for n in (1, 2)]
    engine = an_engine(ScriptedProvider([json.dumps(said)]))

    bridge.run(describe_found(owner, source, engine=engine, model="openai/gpt-4o"))
    app = review(ui, source)

    assert app.button(key=f"open_{at(ROLE)}").label == "**Said 1**"
    assert app.button(key=f"open_{at(TALE)}").label == "**Mine**"
    assert "described by openai" in captions(app)
    assert "extract_describe" not in button_keys(app)


def test_asking_a_model_that_says_nothing_usable_is_told(ui: Ui, source: SourceText) -> None:
    app = review(ui, source)
    app.button(key="extract_describe").click().run()
    app.session_state["describe_model"] = "demo/echo"
    app.button(key="describe_start").click().run()

    assert not app.exception
    assert any(one.value.startswith("Described 0 prompts. 2 are left.") for one in app.toast)
    assert app.button(key=f"open_{at(ROLE)}").label == "**Travel**"


def test_the_editor_leads_to_where_a_draft_was_found(ui: Ui, source: SourceText) -> None:
    save_all(review(ui, source))

    app = ui.open("editor", prompt="travel")

    assert not app.exception
    assert "Found in Workshop" in markdown(app)
