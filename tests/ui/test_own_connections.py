"""Connections of the environment on their page without a browser: asking one of their models."""

from collections.abc import Generator

import pytest

from tests.fake_provider import FakeProvider, running
from tests.ui.conftest import Ui
from tests.ui.test_connections import words


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Generator[FakeProvider]:
    """A provider that the environment names, set before the server of the pages starts."""
    with running() as fake:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test-not-a-key")
        monkeypatch.setenv("PROMPTHUB_PROVIDERS__OPENAI__BASE_URL", fake.url)
        yield fake


def test_a_model_of_the_environment_is_asked_for_a_word(environment: FakeProvider, ui: Ui) -> None:
    ui.sign_in(ui.add_user())
    app = ui.open("connections")

    app.button("ask_own_openai").click().run()
    assert not app.exception
    assert "Something went wrong" not in words(app)
    app.button("ask_own_openai").click()
    app.button("ask_it_own_openai").click().run()

    assert len(environment.chats) == 1
    assert "It works." in words(app)
