"""Ctrl+C and SIGTERM: everything ends quickly and quietly, and is there again."""

import asyncio
import signal
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.journeys.own_app import OwnApp, own_app
from tests.journeys.page_client import ELEMENTS, a_cookie, open_page
from tests.journeys.person import Person, register

STOP_SECONDS = 10
# The promise is 5 s on an idle machine; figures are printed.
START_SECONDS = 15
INTERRUPTED = 130
EMAIL = "ada@example.org"


@pytest.fixture
def app(tmp_path: Path) -> Generator[OwnApp]:
    with own_app(tmp_path) as app:
        yield app


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.long)]
)
def test_a_stop_is_quick_and_quiet_and_keeps_the_data(app: OwnApp, number: signal.Signals) -> None:
    first = app.start()
    token = register(app.url, EMAIL)
    person = Person.arriving(app.url, token)
    with person.client, open_page(app, asyncio.run(a_cookie(app, EMAIL))) as page:
        page.run()
        assert page.elements > ELEMENTS
        ended = app.stop(number)
    left = app.folder.find_pid()

    second = app.start()

    print(f"ready in {first:.1f} s, again in {second:.1f} s, stopped in {ended.seconds:.1f} s")  # noqa: T201 - figures
    assert ended.code == 0
    assert ended.seconds < STOP_SECONDS
    assert left is None
    assert second < START_SECONDS
    assert_quiet(app)
    person = Person.arriving(app.url, token)
    with person.client:
        assert person.must("GET", "/auth/me")["email"] == EMAIL


@pytest.mark.parametrize("seconds", [0.5, 2.0])
def test_a_stop_while_starting_leaves_nothing_behind(app: OwnApp, seconds: float) -> None:
    app.launch()
    time.sleep(seconds)

    ended = app.stop(signal.SIGINT)

    assert ended.code in {0, INTERRUPTED, -signal.SIGINT}
    assert ended.seconds < STOP_SECONDS
    assert app.folder.find_pid() is None
    if ended.code != -signal.SIGINT:  # so early, Python itself has not yet begun to listen
        assert_quiet(app)


def assert_quiet(app: OwnApp) -> None:
    """Every line is a log line, and none tells of a failure."""
    loud = [
        line
        for line in app.complaints.splitlines()
        if not line.startswith("{") or '"level":"ERROR"' in line
    ]
    assert loud == []
