"""Fixtures of tests of pages without a browser: AppTest on main.py, with a real session."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from pymongo import MongoClient
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest

from core.accounts.access import scope_of_user
from core.accounts.sessions import start_session
from core.accounts.users import NewUser, register
from core.documents import User
from core.runtime import Runtime, started
from core.settings import AccountSettings, EmbeddingSettings, MongoSettings, Settings
from core.values.scope import Scope
from streamlit_app import bridge, viewer
from streamlit_app.navigation import PAGES
from tests.builders import CHEAP
from tests.conftest import PREFIX, filled_among

MAIN = Path(viewer.__file__).parent / "main.py"
EMAIL = "ada@example.org"
PASSWORD = "correct horse battery staple"


@dataclass
class Ui:
    """The pages of a server with an empty database; nobody is signed in before `sign_in`."""

    runtime: Runtime
    components: BidiComponentManager
    cookie: str | None = None

    def add_user(self, email: str = EMAIL) -> User:
        """An account, opened the way people do; the first becomes superuser."""
        new = NewUser(email=email, password=SecretStr(PASSWORD), full_name="Ada Lovelace")
        return bridge.run(
            register(
                new,
                accounts=self.runtime.settings.accounts,
                setup_token=None,
                needs_setup_token=None,
                throttle=self.runtime.throttle,
                address="",
                hasher=self.runtime.hasher,
            )
        )

    def sign_in(self, user: User) -> Scope:
        """Give every page opened from now on the cookie of a session of the user."""
        opened = bridge.run(start_session(user, user_agent="test", days=1))
        self.cookie = opened.cookie.get_secret_value()
        return bridge.run(scope_of_user(user))

    def open(self, url_path: str = "", **query: str) -> AppTest:
        """Run main.py as a browser would at `/url_path?query`."""
        app = AppTest.from_file(MAIN, default_timeout=20)
        app._bidi_component_manager = self.components  # pyright: ignore[reportPrivateUsage]
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        if url_path:
            file = next(page.file for page in PAGES if page.url_path == url_path)
            app.switch_page(f"app_pages/{file}").run()
        return app


@pytest.fixture(scope="session")
def components() -> BidiComponentManager:
    """The components of a server; to look for them takes an AppTest longer than to show a page."""
    manager = BidiComponentManager()
    manager.discover_and_register_components(start_file_watching=False)
    return manager


@pytest.fixture
def ui(
    mongo_uri: str, worker_id: str, tmp_path: Path, components: BidiComponentManager
) -> Generator[Ui]:
    """The pages with a runtime and a database of their own, on the loop of the bridge."""
    settings = Settings(
        data_dir=tmp_path,
        mongo=MongoSettings(uri=SecretStr(mongo_uri), database=f"{PREFIX}_ui_{worker_id}"),
        accounts=AccountSettings(argon2_time_cost=2, argon2_memory_kib=19 * 1024),
        embeddings=EmbeddingSettings(kind="off"),
    )
    empty(settings.mongo)
    opened = started(settings)
    runtime = replace(bridge.run(opened.__aenter__()), hasher=CHEAP)
    ui = Ui(runtime, components)
    viewer.install(runtime, find_cookie=lambda: ui.cookie)
    yield ui
    bridge.run(opened.__aexit__(None, None, None))


@pytest.fixture
def owner(ui: Ui) -> Scope:
    """Sign the first account in, which owns the application `default`; its scope."""
    return ui.sign_in(ui.add_user())


def empty(mongo: MongoSettings) -> None:
    """Keep the collections: to make them and their indexes takes longer than a page."""
    uri = mongo.uri.get_secret_value() if mongo.uri else None
    with MongoClient[dict[str, Any]](uri) as client:
        database = client[mongo.database]
        names = database.list_collection_names()
        for filled in database[names[0]].aggregate(filled_among(names)) if names else ():
            database[filled["name"]].delete_many({})
