"""The page of connections without a browser: who has it, adding, trying, changing, deleting."""

from collections.abc import Generator

import pytest
from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from core.connections.fields import ConnectionChanges, NewConnection
from core.connections.store import create_connection, list_connections, update_connection
from core.connections.trial import LocalServer
from core.documents import Connection
from core.errors import Invalid
from core.values.scope import SYSTEM, Scope
from streamlit_app import bridge
from streamlit_app.components.connections.price_grid import read_prices
from streamlit_app.components.connections.wording import suggest_name
from tests.fake_provider import FakeProvider, running
from tests.ui.conftest import Ui
from tests.ui.desk import a_member, a_prompt

KEY = "sk-0123456789abcdefWXYZ"


@pytest.fixture
def fake() -> Generator[FakeProvider]:
    with running() as fake:
        yield fake


def a_connection(ui: Ui, base_url: str, **fields: object) -> Connection:
    """A stored connection `local` that this process already follows."""
    new = NewConnection.model_validate(
        {"name": "local", "kind": "compatible", "base_url": base_url, **fields}
    )
    created = bridge.run(create_connection(SYSTEM, new, keyring=ui.runtime.keyring))
    bridge.run(ui.runtime.connections.refresh())
    return created


def stored() -> list[Connection]:
    return bridge.run(list_connections(SYSTEM))


def words(app: AppTest) -> str:
    return "\n".join(
        element.value
        for element in [*app.markdown, *app.caption, *app.error, *app.success, *app.subheader]
    )


def add(app: AppTest, **typed: str) -> AppTest:
    """Open the dialog, type and press; here each run is one of the whole page."""
    app.button("add_connection").click().run()
    for field, text in typed.items():
        app.text_input(f"add_{field}").set_value(text)
    app.button("add_connection").click().run()
    app.button("add_connection").click()
    return app.button("add_submit").click().run()


@pytest.mark.usefixtures("owner")
def test_only_superusers_have_the_page(ui: Ui) -> None:
    assert ui.open("connections").title[0].value == "Connections"
    ui.sign_in(ui.add_user("grace@example.org"))

    assert "This page is for superusers." in ui.open("connections").error[0].value


@pytest.mark.usefixtures("owner")
def test_an_added_connection_is_listed_and_its_key_is_not(ui: Ui, fake: FakeProvider) -> None:
    app = ui.open("connections")
    assert "No connection is stored yet" in words(app)

    add(app, base_url=fake.url, api_key=KEY, name="mine")

    assert not app.exception
    assert [(one.name, one.base_url) for one in stored()] == [("mine", fake.url)]
    listed = words(app)
    assert "**mine**" in listed
    assert "3 models" in listed
    assert "key …WXYZ" in listed
    assert KEY not in str(app.main)


@pytest.mark.usefixtures("owner")
def test_a_name_is_suggested_and_taken_where_none_is_typed(ui: Ui, fake: FakeProvider) -> None:
    a_connection(ui, fake.url)
    app = ui.open("connections")

    add(app, base_url=fake.url)

    assert [one.name for one in stored()] == ["local", "local-2"]


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"base_url": ""}, "The address of the server is missing."),
        ({"base_url": "ftp://x"}, "The address is no address that begins"),
        (
            {"base_url": "http://127.0.0.1:1/v1", "name": "No Name"},
            "The name holds something other",
        ),
        ({"base_url": "http://127.0.0.1:1/v1", "name": "demo"}, "demo"),
        ({"base_url": "http://127.0.0.1:1/v1", "api_key": "clé"}, "printable ASCII"),
    ],
)
def test_wrong_input_is_told_in_words_and_stores_nothing(
    ui: Ui, typed: dict[str, str], reason: str
) -> None:
    app = ui.open("connections")

    add(app, **typed)

    assert not app.exception
    assert reason in app.error[0].value
    assert stored() == []


@pytest.mark.usefixtures("owner")
def test_a_test_says_what_the_server_offers_until_the_connection_is_changed(
    ui: Ui, fake: FakeProvider
) -> None:
    connection = a_connection(ui, fake.url)
    app = ui.open("connections")

    app.button(f"test_{connection.key}").click().run()
    assert "The server offers 3 models." in app.success[0].value
    changes = ConnectionChanges(models=("a",))
    bridge.run(update_connection(SYSTEM, "local", changes, keyring=ui.runtime.keyring))
    app.run()

    assert not app.exception
    assert not app.success


@pytest.mark.usefixtures("owner")
def test_a_test_says_why_it_does_not_work(ui: Ui) -> None:
    connection = a_connection(ui, "http://127.0.0.1:1/v1")
    app = ui.open("connections")
    assert "no models offered" in words(app)

    app.button(f"test_{connection.key}").click().run(timeout=30)

    assert not app.exception
    assert "It does not work." in app.error[0].value


@pytest.mark.usefixtures("owner")
def test_what_is_switched_off_says_so_and_cannot_be_tested(ui: Ui, fake: FakeProvider) -> None:
    connection = a_connection(ui, fake.url)
    off = ConnectionChanges(is_active=False)
    bridge.run(update_connection(SYSTEM, "local", off, keyring=ui.runtime.keyring))

    app = ui.open("connections")

    assert "Switched off" in words(app)
    assert f"test_{connection.key}" not in [button.key for button in app.button]


@pytest.mark.usefixtures("owner")
def test_names_and_addresses_are_shown_as_they_are(ui: Ui) -> None:
    a_connection(ui, "http://127.0.0.1:1/:red[x]**y**")

    app = ui.open("connections")

    assert r"\:red\[x\]\*\*y\*\*" in words(app)


@pytest.mark.usefixtures("owner")
def test_a_server_found_here_is_added_by_one_click(ui: Ui, fake: FakeProvider) -> None:
    app = ui.open("connections")
    app.session_state["connections_found"] = [LocalServer("ollama", fake.url, ("a", "b"))]
    app.run()
    assert "2 models" in words(app)

    app.button("add_found_ollama").click().run()

    assert not app.exception
    assert [(one.name, one.kind) for one in stored()] == [("ollama", "compatible")]
    assert "Nothing new answers" in words(app)


def test_only_the_typed_name_deletes(ui: Ui, owner: Scope, fake: FakeProvider) -> None:
    del owner
    a_connection(ui, fake.url)
    app = AppTest.from_function(deleting, default_timeout=20).run()
    (button,) = [one for one in app.button if one.label == "Delete connection"]
    assert button.disabled

    app.text_input[0].set_value("local").run()
    next(one for one in app.button if one.label == "Delete connection").click().run()

    assert not app.exception
    assert stored() == []
    assert "No connection is stored yet" in words(ui.open("connections"))


def deleting() -> None:
    """The dialog of a deletion by itself: tests without a browser can't open the menu."""
    from core.connections.store import list_connections  # noqa: PLC0415  # a script of its own
    from streamlit_app import bridge, viewer  # noqa: PLC0415  # a script of its own
    from streamlit_app.app_pages.connections import ask_to_delete  # noqa: PLC0415  # likewise

    for connection in bridge.run(list_connections(viewer.scope())):
        ask_to_delete(connection)


def test_the_playground_leads_superusers_to_the_page_and_offers_what_was_added(
    ui: Ui, owner: Scope, fake: FakeProvider
) -> None:
    prompt = a_prompt(owner, "Hello", published=1)
    app = ui.open("playground", prompt=prompt.prompt_id)
    assert "No provider of models is set up" in words(app)
    assert "Add a connection" in [link.proto.label for link in app.get("page_link")]

    a_member(ui, owner, "editor")
    others = ui.open("playground", prompt=prompt.prompt_id)
    assert "A superuser can add a connection." in words(others)
    assert "Add a connection" not in [link.proto.label for link in others.get("page_link")]

    a_connection(ui, fake.url)
    app = ui.open("playground", prompt=prompt.prompt_id)

    model = next(box for box in app.selectbox if box.label == "Model")
    assert "local/gpt-4o-mini" in model.options
    assert "No provider" not in words(app)


@pytest.mark.parametrize(
    ("base_url", "name"),
    [
        ("", "local"),
        ("http://127.0.0.1:8080/v1", "local"),
        ("http://[::1]:8080/v1", "local"),
        ("https://api.mistral.ai/v1", "mistral"),
        ("http://gpu-7:8000/v1", "gpu-7"),
        ("http://[", "local"),
    ],
)
def test_a_name_is_taken_from_whoever_owns_the_address(base_url: str, name: str) -> None:
    assert suggest_name("compatible", base_url, "", []) == name
    assert suggest_name("compatible", base_url, "", [name]) == f"{name}-2"


def test_prices_are_read_as_the_grid_leaves_them(monkeypatch: pytest.MonkeyPatch) -> None:
    edits = {
        "edited_rows": {0: {"input_mtok": "0.2"}},
        "added_rows": [{"model": "b", "input_mtok": "1", "output_mtok": "2"}, {}],
        "deleted_rows": [1],
    }
    monkeypatch.setattr("streamlit.session_state", {"grid": edits})
    units = {"input_mtok": "0.1", "output_mtok": "0.6"}

    read = read_prices({"a": units, "gone": units}, key="grid")

    assert read == {
        "a": {"input_mtok": "0.2", "output_mtok": "0.6"},
        "b": {"input_mtok": "1", "output_mtok": "2"},
    }
    edits["added_rows"] = [{"model": "b", "input_mtok": "1"}]
    with pytest.raises(Invalid, match="The prices of b are not complete"):
        read_prices({}, key="grid")


@pytest.mark.usefixtures("owner")
def test_a_key_that_cannot_be_decrypted_is_told_in_the_row(ui: Ui, fake: FakeProvider) -> None:
    a_connection(ui, fake.url, api_key=SecretStr(KEY))
    damaged = {"$set": {"encrypted_key": "gAAAA"}, "$inc": {"revision": 1}}
    bridge.run(Connection.collection().update_one({"name": "local"}, damaged))
    bridge.run(ui.runtime.connections.refresh())

    app = ui.open("connections")

    assert not app.exception
    assert "The connection local cannot be used" in words(app)


@pytest.mark.usefixtures("owner")
def test_of_very_many_connections_a_page_is_shown_and_searched(ui: Ui) -> None:
    rows = [
        {"name": f"local-{number:03}", "kind": "compatible", "base_url": "http://127.0.0.1:9/v1"}
        for number in range(45)
    ]
    bridge.run(Connection.insert_many([Connection.model_validate(row) for row in rows]))

    app = ui.open("connections")
    assert "45 connections" in words(app)
    assert words(app).count("**local-") == 20

    app.text_input("connection").set_value("local-04").run()
    assert "5 of 45 connections" in words(app)
    assert "**local-044**" in words(app)
