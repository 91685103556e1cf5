"""The library by role and state, without a browser."""

import pytest
from streamlit.testing.v1 import AppTest

from core.prompts.catalogue import PromptChanges, deactivate_prompt, get_prompt, update_prompt
from core.prompts.listing import PromptQuery, list_prompts
from core.values.scope import Scope
from prompthub.wire.literals import Role
from streamlit_app import bridge
from tests.ui.conftest import Ui
from tests.ui.desk import a_member, a_prompt, button_keys, markdown

CREATING = {"new", "import", "empty_new", "empty_import", "load_samples"}


def captions(app: AppTest) -> str:
    return "\n".join(element.value for element in app.caption)


def links(app: AppTest) -> list[str]:
    """The names that lead to the editor."""
    labels = [link.proto.label for link in app.get("page_link")]
    return [label.removeprefix(":blue[**").removesuffix("**]") for label in labels if "**" in label]


def three_prompts(owner: Scope) -> None:
    for name, text, tags, folder in (
        ("Minutes", "Record motions and Votes.", ("legal",), "Legal/Board"),
        ("Summary", "Sum up the votes.", ("short",), ""),
        ("Old one", "Do not use.", (), ""),
    ):
        prompt = a_prompt(owner, text, name=name, published=int(name == "Minutes"))
        bridge.run(update_prompt(owner, prompt, PromptChanges(tags=tags, folder=folder)))
        if name == "Old one":
            bridge.run(deactivate_prompt(owner, prompt))


def test_an_empty_library_offers_three_ways_to_start(ui: Ui, owner: Scope) -> None:
    assert owner.is_superuser

    app = ui.open()

    assert not app.exception
    assert "kept in versions" in captions(app)
    assert button_keys(app) >= {"empty_new", "empty_import", "load_samples"}


def test_examples_are_loaded_once_and_published(ui: Ui, owner: Scope) -> None:
    app = ui.open()

    app.button("load_samples").click().run()

    assert not app.exception
    assert captions(app).startswith("89 prompts")
    page = bridge.run(list_prompts(owner, PromptQuery(state="published"), skip=0, limit=1))
    assert page.total == 89


def test_a_viewer_of_an_empty_library_reads_why_there_is_nothing_to_press(
    ui: Ui, owner: Scope
) -> None:
    a_member(ui, owner, "viewer")

    app = ui.open()

    assert "ask an admin of your application for the role editor" in markdown(app)
    assert not button_keys(app) & CREATING


def test_an_editor_of_an_empty_library_is_not_offered_to_publish_examples(
    ui: Ui, owner: Scope
) -> None:
    a_member(ui, owner, "editor")

    assert button_keys(ui.open()) & CREATING == {"empty_new", "empty_import"}


def test_a_person_without_application_is_told_whom_to_ask(ui: Ui, owner: Scope) -> None:
    assert owner.is_superuser
    ui.sign_in(ui.add_user("stranger@example.org"))

    app = ui.open()

    assert "You are in no application yet" in markdown(app)
    assert not button_keys(app) & CREATING


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["Summary", "Minutes"]),
        ({"q": "motions votes", "sort": "Name"}, ["Minutes", "Summary"]),
        ({"q": "sum up", "state": "Published"}, []),
        ({"state": "Published"}, ["Minutes"]),
        ({"state": "Draft"}, ["Summary"]),
        ({"state": "Inactive"}, ["Old one"]),
        ({"tag": "legal"}, ["Minutes"]),
        ({"folder": "Legal"}, ["Minutes"]),
        ({"state": "nonsense", "page": "99"}, ["Summary", "Minutes"]),
        ({"page": "-1", "label": "not a label"}, ["Summary", "Minutes"]),
    ],
)
def test_the_address_says_what_is_shown(
    ui: Ui, owner: Scope, query: dict[str, str], names: list[str]
) -> None:
    three_prompts(owner)

    app = ui.open(**query)

    assert not app.exception
    assert links(app) == names


def test_the_words_looked_for_are_bold_in_the_passage(ui: Ui, owner: Scope) -> None:
    three_prompts(owner)

    app = ui.open(q="votes")

    assert "Record motions and **Votes**." in markdown(app)
    assert "2 of 2 prompts" not in captions(app)


def test_each_filter_can_be_taken_away_where_nothing_matches(ui: Ui, owner: Scope) -> None:
    three_prompts(owner)
    app = ui.open(q="votes", state="Draft", tag="legal")
    assert "**Nothing matches.**" in markdown(app)
    assert [app.button(f"remedy_{n}").label for n in range(3)] == [
        "Clear the search",
        "Remove *Draft*",
        "Remove *legal*",
    ]

    app.button("remedy_1").click().run()

    assert links(app) == ["Minutes"]


def test_text_of_people_is_shown_as_it_is(ui: Ui, owner: Scope) -> None:
    a_prompt(owner, "<script>alert(1)</script> **x** $x$", name=":red[x] **b** $y$")

    app = ui.open()

    assert links(app) == [r"\:red\[x\] \*\*b\*\* \$y\$"]
    assert r"\<script\>" in markdown(app)
    assert app.get("html")[0].proto.body.startswith("<style>")


@pytest.mark.parametrize(("role", "is_offered"), [("operator", True), ("editor", False)])
def test_inactive_prompts_are_restored_by_operators(
    ui: Ui,
    owner: Scope,
    role: Role,
    is_offered: bool,
) -> None:
    three_prompts(owner)
    a_member(ui, owner, role)
    app = ui.open(state="Inactive")
    restore = [button for button in app.button if button.label == "Restore"]
    assert bool(restore) == is_offered

    if is_offered:
        restore[0].click().run()

    assert bridge.run(get_prompt(owner, "old-one")).is_active == is_offered
    assert ("1 inactive prompt" in captions(app)) != is_offered


def test_a_prompt_is_created_under_the_id_shown_and_opens_in_the_editor(
    ui: Ui, owner: Scope
) -> None:
    three_prompts(owner)
    app = ui.open()
    reopen(app, new_name="Réunion du jour")
    assert app.text_input("new_id").placeholder == "reunion-du-jour"

    submit(app)

    assert not app.exception
    assert app.title[0].value == "Réunion du jour"
    assert bridge.run(get_prompt(owner, "reunion-du-jour")).name == "Réunion du jour"


def test_a_taken_id_is_refused_in_words(ui: Ui, owner: Scope) -> None:
    three_prompts(owner)
    app = ui.open()
    reopen(app, new_name="Another", new_id="minutes")

    submit(app)

    assert not app.exception
    assert len(app.error) == 1
    assert "minutes" in app.error[0].value


def reopen(app: AppTest, **typed: str) -> None:
    """Open the dialog and type; here each run is one of the whole page, which closes dialogs."""
    app.button("new").click().run()
    for key, text in typed.items():
        app.text_input(key).set_value(text)
    app.button("new").click().run()


def submit(app: AppTest) -> None:
    app.button("new").click()
    app.button("new_submit").click().run()


def test_twenty_prompts_stand_on_a_page(ui: Ui, owner: Scope) -> None:
    for number in range(22):
        a_prompt(owner, name=f"Prompt {number:02}")

    app = ui.open(sort="Name", page="2")

    assert links(app) == ["Prompt 20", "Prompt 21"]


def test_a_viewer_reads_the_library_without_buttons_to_write(ui: Ui, owner: Scope) -> None:
    three_prompts(owner)
    a_member(ui, owner, "viewer")

    app = ui.open()

    assert links(app) == ["Summary", "Minutes"]
    assert not button_keys(app) & CREATING
