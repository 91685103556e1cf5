"""Search in the library: how it is told, what is offered, and near-duplicates, by words alone."""

from streamlit.testing.v1 import AppTest

from core.prompts.catalogue import get_prompt
from core.values.scope import Scope
from streamlit_app import bridge
from tests.ui.conftest import Ui
from tests.ui.desk import a_member, a_prompt, button_keys, markdown, numbers, type_text
from tests.ui.test_library import captions, links

MINUTES = "Write the minutes of the board meeting of {{ day }}: motions, votes, decisions, owners."
SAME = MINUTES.replace("{{ day }}", "{{ date }}")


def test_a_search_says_how_it_went_and_what_is_off(ui: Ui, owner: Scope) -> None:
    a_prompt(owner, MINUTES, name="Board")

    app = ui.open(q="votes")

    assert "1 prompt · by words" in captions(app)
    assert "Semantic search is off." in captions(app)
    assert "Semantic search is off." not in captions(ui.open())


def test_words_found_in_the_name_are_tinted_and_those_side_by_side_are_one(
    ui: Ui, owner: Scope
) -> None:
    a_prompt(owner, MINUTES, name="Board-meeting notes")

    app = ui.open(q="board meeting")

    label = next(link.proto.label for link in app.get("page_link") if "**" in link.proto.label)
    assert label == ":blue[**:blue-background[Board-meeting] notes**]"


def test_older_texts_are_searched_by_choice_and_lead_to_their_version(ui: Ui, owner: Scope) -> None:
    a_prompt(owner, "Ask for a zebra.", "Ask for a horse.", name="Animals", published=2)
    app = ui.open(q="zebra")
    assert "**Nothing matches.**" in markdown(app)

    app.button("remedy_versions").click().run()

    assert links(app) == ["Animals"]
    assert "1.0.0" in markdown(app)
    link = next(link for link in app.get("page_link") if "Animals" in link.proto.label)
    assert "version=1.0.0" in link.proto.query_string


def test_more_matches_come_one_step_at_a_time(ui: Ui, owner: Scope) -> None:
    for number in range(22):
        a_prompt(owner, f"Count votes {number}.", name=f"Prompt {number:02}")
    app = ui.open(q="votes")
    assert "The best 20 of 22" in captions(app)

    app.button("search_more").click().run()

    assert len(links(app)) == 22
    assert "search_more" not in button_keys(app)


def test_clearing_the_search_goes_back_to_the_order_chosen(ui: Ui, owner: Scope) -> None:
    for name in ("Bees", "Ants"):
        a_prompt(owner, "Count them.", name=name)
    app = ui.open(sort="Name")
    app.text_input("q").set_value("count").run()
    assert app.selectbox("search_order").value == "Best match"

    app.text_input("q").set_value("").run()

    assert links(app) == ["Ants", "Bees"]


def twins(owner: Scope) -> None:
    a_prompt(owner, MINUTES, name="Board", published=1)
    a_prompt(owner, name="Mine")


def test_a_text_that_exists_is_told_before_it_is_saved(ui: Ui, owner: Scope) -> None:
    twins(owner)
    app = type_text(ui.open("editor", prompt="mine"), SAME)

    app.button("save").click().run()

    assert not app.exception
    assert "**Board** 1.0.0 says nearly the same." in markdown(app)
    assert numbers(owner, bridge.run(get_prompt(owner, "mine"))) == []

    app.button("twin_go_on").click().run()

    assert numbers(owner, bridge.run(get_prompt(owner, "mine"))) == ["1.0.0"]
    assert "twin_go_on" not in button_keys(app)


def test_nobody_is_told_twice_nor_of_ones_own_versions(ui: Ui, owner: Scope) -> None:
    twins(owner)
    app = type_text(ui.open("editor", prompt="board"), f"{MINUTES} Be brief.")
    app.button("save").click().run()
    assert "twin_go_on" not in button_keys(app)
    app = type_text(ui.open("editor", prompt="mine"), SAME)
    app.button("save").click().run()
    app.button("twin_go_on").click().run()

    app = type_text(ui.open("editor", prompt="mine"), f"{SAME} Be kind.")
    app.button("save").click().run()

    assert "twin_go_on" not in button_keys(app)


def test_publishing_a_text_that_exists_asks_first(ui: Ui, owner: Scope) -> None:
    twins(owner)
    app = type_text(ui.open("editor", prompt="mine"), MINUTES)

    app.button("publish").click().run()

    assert "says the same, word for word." in markdown(app)
    app.button("twin_go_on").click().run()
    assert "publish_confirm" in button_keys(app)


def test_similar_prompts_stand_beside_the_text(ui: Ui, owner: Scope) -> None:
    twins(owner)
    app = ui.open("editor", prompt="mine", pane="Similar")
    assert "Prompts like this one appear here" in captions(app)

    type_text(app, SAME)

    assert any("Board" in button.label for button in app.button)
    assert "Same text" in markdown(app)


def test_duplicates_stand_in_groups_and_one_is_taken_out_of_service(ui: Ui, owner: Scope) -> None:
    for name, text in (("Board", MINUTES), ("Copy", SAME), ("Other", "Translate a poem.")):
        a_prompt(owner, text, name=name, published=1)
    app = ui.open(show="duplicates")
    assert "1 group · 2 prompts" in captions(app)
    assert links(app) == ["Board", "Copy"]

    deactivate = [button for button in app.button if str(button.key).startswith("off_")]
    deactivate[1].click().run()
    app.button("deactivate_duplicate").click().run()

    assert not bridge.run(get_prompt(owner, "copy")).is_active
    assert "**No duplicates.**" in markdown(app)


def test_a_viewer_sees_duplicates_without_buttons_to_change_them(ui: Ui, owner: Scope) -> None:
    for name in ("Board", "Copy"):
        a_prompt(owner, MINUTES, name=name, published=1)
    a_member(ui, owner, "viewer")

    app: AppTest = ui.open(show="duplicates")

    assert links(app) == ["Board", "Copy"]
    assert not [key for key in button_keys(app) if str(key).startswith("off_")]


def test_another_applications_prompts_are_no_neighbours(ui: Ui, owner: Scope) -> None:
    for name in ("Board", "Copy"):
        a_prompt(owner, MINUTES, name=name, published=1)
    ui.sign_in(ui.add_user("stranger@example.org"))

    app = ui.open(show="duplicates")

    assert links(app) == []
