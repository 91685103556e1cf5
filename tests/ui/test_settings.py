"""The page of settings: for superusers, without a secret, with the state of what they set."""

from typing import Any

from pydantic import SecretStr

from core.database.state import read_database_state
from core.settings import EmbeddingSettings, MongoSettings, OpenAISettings, ProviderSettings
from core.settings import Settings as AllSettings
from core.settings.effective import list_effective
from core.values.scope import Scope
from streamlit_app import bridge
from tests.ui.conftest import Ui
from tests.ui.desk import a_member, markdown


def test_superusers_see_the_state_and_others_are_refused_in_words(ui: Ui, owner: Scope) -> None:
    app = ui.open("settings")
    assert not app.exception
    for card in ("Database", "Embedder", "Worker of this process", "Program"):
        assert f"**{card}**" in markdown(app)
    a_member(ui, owner, "admin")

    refused = ui.open("settings")

    assert "Your role does not allow this." in refused.error[0].value
    assert "Database" not in markdown(refused)


def test_the_table_of_values_holds_every_setting_and_no_secret(ui: Ui, owner: Scope) -> None:
    del owner
    app = ui.open("settings", view="Values")

    assert not app.exception
    value: Any = app.dataframe[0].value
    table: str = value.to_csv()
    assert "PROMPTHUB_MONGO__DATABASE" in table
    uri = ui.runtime.settings.mongo.uri
    assert uri
    assert uri.get_secret_value() not in table


def test_each_setting_tells_where_it_came_from_and_secrets_only_that_they_are_set() -> None:
    settings = AllSettings(
        mongo=MongoSettings(uri=SecretStr("mongodb://ada:hush@db"), database="desk"),
        embeddings=EmbeddingSettings(api_key=SecretStr("hush")),
        providers=ProviderSettings(openai=OpenAISettings(base_url="http://ada:hush@proxy/v1")),
    )
    environ = {"PROMPTHUB_MONGO__URI": "mongodb://ada:hush@db", "prompthub_mongo__database": "desk"}

    every = {one.name: one for one in list_effective(settings, environ)}

    assert "hush" not in str(every)
    database = every["PROMPTHUB_MONGO__DATABASE"]
    assert (database.value, database.origin) == ("desk", "environment")
    assert every["PROMPTHUB_MONGO__URI"].value == "set, not shown"
    assert every["PROMPTHUB_MONGO__PORT"].origin == "default"
    assert every["PROMPTHUB_REDIS__URL"].value == "not set"
    assert every["PROMPTHUB_CONNECTIONS__ENCRYPTION_KEYS"].origin == "data folder"


def test_the_state_of_the_database_is_what_is_stored(ui: Ui, owner: Scope) -> None:
    del ui
    state = bridge.run(read_database_state(owner))

    assert (state.rows["users"], state.rows["applications"]) == (1, 1)
    assert state.version[0].isdigit()
