"""The comparison without a browser: set up, run, rate, pick, reopen; who may do what."""

import csv
import io
import json

import pytest
from streamlit.testing.v1 import AppTest

from core.accounts.applications import NewApplication, create_application
from core.documents import Column, Comparison, ExecutionLog, Feedback, Prompt
from core.execution.comparison_report import report_comparison
from core.execution.comparisons import NewComparison, create_comparison
from core.settings import ExecutionSettings
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components.analytics.export import to_csv
from streamlit_app.components.compare.export import rows_of, to_json
from streamlit_app.components.compare.opened import Opened
from tests.ui.conftest import Ui
from tests.ui.desk import a_member, a_prompt, button_keys, markdown

ECHO = "demo/echo"


def told(app: AppTest) -> str:
    return "\n".join(
        element.value
        for element in [*app.markdown, *app.caption, *app.error, *app.info, *app.warning]
    )


def columns(*models: str) -> list[str]:
    return [json.dumps({"model": model, "version": "1.0.0"}) for model in models]


def set_up(ui: Ui, prompt: Prompt, *models: str, **query: str) -> AppTest:
    app = ui.open()
    for name, value in {"prompt": prompt.prompt_id, **query}.items():
        app.query_params[name] = value
    app.query_params["column"] = columns(*(models or (ECHO, ECHO)))
    return app.switch_page("app_pages/compare.py").run()


def run(app: AppTest) -> AppTest:
    app.button(key="compare_run").click().run()
    assert not app.exception
    return app


def the_comparisons() -> list[Comparison]:
    return bridge.run(Comparison.find_all().to_list())


def the_rows() -> list[ExecutionLog]:
    return bridge.run(ExecutionLog.find_all().to_list())


def kept(scope: Scope, prompt: Prompt, **fields: object) -> Comparison:
    """A stored comparison that was not run."""
    new = NewComparison.model_validate(
        {
            "application_id": prompt.application_id,
            "name": "Which *one*?",
            "columns": [Column(prompt_id=prompt.prompt_id, version="1.0.0", model=ECHO)] * 2,
            "inputs": [{"name": "Ada"}],
            **fields,
        }
    )
    return bridge.run(create_comparison(scope, new, limits=ExecutionSettings()))


def test_columns_are_added_copied_changed_and_removed_in_the_address(ui: Ui, owner: Scope) -> None:
    app = set_up(ui, a_prompt(owner, "Hello {{ name }}"), "openai/gpt-4o", ECHO)

    app.button(key="compare_add").click().run()
    app.button(key="compare_copy_0").click().run()
    assert app.button(key="compare_run").label == "Run 4 columns"
    app.button(key="compare_remove_1").click().run()
    app.selectbox(key="compare_model_2").set_value(ECHO).run()

    assert not app.exception
    found = [json.loads(text) for text in app.query_params["column"]]
    assert [one["model"] for one in found] == ["openai/gpt-4o", ECHO, ECHO]
    assert app.button(key="compare_run").label == "Run 3 columns"


def test_a_run_is_saved_opened_and_shows_each_answer_with_its_figures(ui: Ui, owner: Scope) -> None:
    prompt = a_prompt(owner, "Hello {{ name }}")
    app = set_up(ui, prompt)
    assert "Free for 2 runs" in told(app)
    app.text_area(key=f"value_{prompt.key}_string_name").set_value("Ada").run()

    run(app)

    (made,) = the_comparisons()
    assert app.query_params["comparison"] == str(made.key)
    assert "prompt" not in app.query_params
    assert made.inputs == [{"name": "Ada"}]
    assert told(app).count("Hello Ada") >= 2
    assert "echo (2)" in markdown(app)
    assert "first text" in told(app)
    assert {row.comparison_id for row in the_rows()} == {str(made.key)}


def test_a_failed_column_says_why_and_only_it_is_run_again(ui: Ui, owner: Scope) -> None:
    prompt = a_prompt(owner, "Hello")
    app = run(set_up(ui, prompt, ECHO, "openai/gpt-4o"))
    assert "Set OPENAI\\_API\\_KEY" in told(app)
    assert "compare_again_0" not in button_keys(app)

    app.button(key="compare_again_1").click().run()

    assert not app.exception
    assert [row.model_provider for row in the_rows()].count("demo") == 1
    assert len(the_rows()) == 1 + [row.model_provider for row in the_rows()].count("openai")


def test_a_table_gives_every_column_every_row_and_pages_through_them(ui: Ui, owner: Scope) -> None:
    prompt = a_prompt(owner, "Hello {{ name }}")
    app = set_up(ui, prompt, inputs="Table")
    app.text_area(key=f"compare_table_{prompt.key}").set_value("nome\nAda").run()
    assert "which the prompt does not have" in told(app)

    app.text_area(key=f"compare_table_{prompt.key}").set_value('name\nAda\n"Bo, Cy"\n').run()
    assert "for 4 runs" in told(app)
    run(app)

    assert len(the_rows()) == 4
    assert "Hello Ada" in told(app)
    again = ui.open("compare", comparison=str(the_comparisons()[0].key), input="2")
    assert "Hello Bo, Cy" in told(again)


def test_answers_are_rated_and_the_best_is_picked_and_taken_back(ui: Ui, owner: Scope) -> None:
    app = run(set_up(ui, a_prompt(owner, "Hello")))
    row = the_rows()[0]

    app.feedback(key=f"stars_{row.key}").set_value(3).run()
    app.button(key="compare_best_1").click().run()

    (given,) = bridge.run(Feedback.find_all().to_list())
    assert (given.rating, given.execution_id, given.user_id) == (4, row.key, owner.user_id)
    (made,) = the_comparisons()
    assert [(one.column, one.user_id) for one in made.picks] == [(1, owner.user_id)]
    assert "4.0\u00a0(1)" in markdown(app)
    app.button(key="compare_best_1").click().run()
    assert the_comparisons()[0].picks == []


def test_blind_hides_names_and_figures_until_all_is_rated(ui: Ui, owner: Scope) -> None:
    app = run(set_up(ui, a_prompt(owner, "Hello"), ECHO, ECHO))
    key = str(the_comparisons()[0].key)

    app = ui.open("compare", comparison=key, blind="true")

    assert "Answer A" in markdown(app)
    assert "echo" not in markdown(app)
    assert "first text" not in told(app)
    assert "Figures" not in [one.value for one in app.subheader]
    for row in the_rows():
        app.feedback(key=f"stars_{row.key}").set_value(2).run()
    assert "Answer A" not in markdown(app)
    assert "Figures" in [one.value for one in app.subheader]


def test_blind_names_answers_by_their_place_also_in_differences_and_the_address(
    ui: Ui, owner: Scope
) -> None:
    models = (ECHO, "openai/gpt-4o", ECHO, ECHO)
    run(set_up(ui, a_prompt(owner, "Hello"), *models))
    app = ui.open("compare", comparison=str(the_comparisons()[0].key), blind="true")

    box = app.selectbox(key="compare_differences")
    assert box.options == [f"Differences from Answer {letter}" for letter in "ABCD"]
    box.select_index(2).run()

    assert not app.exception
    assert app.query_params["differences"] == "C"
    assert "0 of 3 answers rated" in told(app)
    assert "gpt-4o" not in told(app)


def test_next_leads_to_the_inputs_that_are_not_rated_yet(ui: Ui, owner: Scope) -> None:
    prompt = a_prompt(owner, "Hello {{ name }}")
    app = set_up(ui, prompt, ECHO, inputs="Table")
    app.text_area(key=f"compare_table_{prompt.key}").set_value("name\nAda\nBo\nCy").run()
    run(app)
    app = ui.open("compare", comparison=str(the_comparisons()[0].key), blind="true", input="2")

    app.button(key="compare_next").click().run()
    assert "Hello Cy" in told(app)
    app.button(key="compare_next").click().run()

    assert "Hello Ada" in told(app)
    assert app.session_state["input"] == 1


def test_differences_are_marked_against_the_chosen_column(ui: Ui, owner: Scope) -> None:
    app = run(set_up(ui, a_prompt(owner, "Hello")))

    app.selectbox(key="compare_differences").set_value(0).run()

    assert app.query_params["differences"] == "1"
    assert not app.exception


def test_saved_ones_are_listed_and_opened_by_members_only(ui: Ui, owner: Scope) -> None:
    prompt = a_prompt(owner, "Hello {{ name }}")
    made = kept(owner, prompt)
    app = ui.open("compare")
    assert "Which \\*one\\*?" in app.get("page_link")[0].proto.label

    a_member(ui, owner, "viewer")
    app = ui.open("compare", comparison=str(made.key))
    assert "Which \\*one\\*?" in markdown(app)
    assert not {"compare_run", "compare_again_0", "compare_setup_again"} & button_keys(app)
    assert "need the role editor" in told(app)

    ui.sign_in(ui.add_user("stranger@example.org"))
    for key in (str(made.key), "nonsense"):
        app = ui.open("compare", comparison=key)
        assert not app.exception
        assert "This comparison can't be shown." in told(app)


def test_the_application_of_the_newest_comparison_is_listed_at_first(ui: Ui, owner: Scope) -> None:
    kept(owner, a_prompt(owner, "Hello {{ name }}"))
    bridge.run(create_application(owner, NewApplication(name="A new one")))

    app = ui.open("compare")

    assert "Which \\*one\\*?" in app.get("page_link")[0].proto.label


def test_saved_ones_are_found_by_a_part_of_their_name(ui: Ui, owner: Scope) -> None:
    prompt = a_prompt(owner, "Hello {{ name }}")
    for number in range(17):
        kept(owner, prompt, name=f"Number {number}")
    app = ui.open("compare", saved_page="2")
    assert len(app.get("page_link")) == 2

    app.text_input(key="saved_name").set_value("ber 1").run()

    assert len(app.get("page_link")) == 8
    app.text_input(key="saved_name").set_value("(none").run()
    assert "No comparison here has (none in its name" in told(app)


@pytest.mark.usefixtures("owner")
def test_an_empty_start_and_a_prompt_that_is_not_there_lead_on(ui: Ui) -> None:
    assert "is saved here" in told(ui.open("compare"))
    app = ui.open("compare", prompt="gone")
    assert not app.exception
    assert "compare_back" in button_keys(app)


def test_rename_keeps_the_link_and_delete_leads_to_the_list(ui: Ui, owner: Scope) -> None:
    made = kept(owner, a_prompt(owner, "Hello {{ name }}"))
    app = ui.open("compare", comparison=str(made.key))

    app.menu_button[0].set_value("rename").run()
    app.text_input(key="compare_name").set_value("Greeting")
    app.button(key="compare_rename").click().run()
    assert the_comparisons()[0].name == "Greeting"
    app.menu_button[0].set_value("delete").run()
    app.button(key="compare_delete").click().run()

    assert the_comparisons() == []
    assert "comparison" not in app.query_params


def test_the_export_runs_nothing_in_a_spreadsheet_and_has_every_answer(
    ui: Ui, owner: Scope
) -> None:
    prompt = a_prompt(owner, "{{ name }}")
    app = set_up(ui, prompt)
    app.text_area(key=f"value_{prompt.key}_string_name").set_value("=1+1").run()
    run(app)
    opened = Opened(owner, bridge.run(report_comparison(owner, the_comparisons()[0].key)))

    rows = list(csv.DictReader(io.StringIO(to_csv(rows_of(opened)).decode("utf-8-sig"))))
    assert [row["input.name"] for row in rows] == ["'=1+1", "'=1+1"]
    assert [row["status"] for row in rows] == ["success", "success"]
    assert len(json.loads(to_json(opened))["answers"]) == 2
