"""kill -9 of database and application while people write: nothing acknowledged is lost."""

import random
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from tests.journeys.ledger import Ledger, half_publishes, losses
from tests.journeys.own_app import OwnApp, own_app
from tests.journeys.person import Person, register
from tests.journeys.writers import SHARED, writing

RECOVERY_SECONDS = 30
# The background loop looks for what a failed request left every 20 s.
REPAIR_SECONDS = 45
ANSWER_SECONDS = 10


@pytest.fixture
def app(tmp_path: Path) -> Generator[OwnApp]:
    with own_app(tmp_path) as app:
        app.start()
        yield app


@pytest.mark.timeout(180)
def test_kills_lose_nothing_that_was_acknowledged(app: OwnApp) -> None:
    kill_again_and_again(app, rounds=2)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_many_kills_lose_nothing_that_was_acknowledged(app: OwnApp) -> None:
    kill_again_and_again(app, rounds=20)


def kill_again_and_again(app: OwnApp, *, rounds: int) -> None:
    token = register(app.url, "ada@example.org")
    application_id = make_shared_prompt(app.url, token)
    ledger = Ledger()
    for number in range(rounds):
        victim = "application" if number % 2 else "mongod"
        survive_a_kill(app, token, application_id, ledger, victim)
        report(number, victim, ledger)
    assert app.stop().code == 0
    assert app.folder.find_pid() is None
    app.start()
    assert contradictions(app, ledger) == []


def make_shared_prompt(url: str, token: str) -> str:
    person = Person.arriving(url, token)
    with person.client:
        application_id: str = person.must("GET", "/applications")["items"][0]["id"]
        new = {"application_id": application_id, "name": SHARED, "prompt_id": SHARED}
        person.must("POST", "/prompts", new)
    return application_id


def survive_a_kill(
    app: OwnApp, token: str, application_id: str, ledger: Ledger, victim: str
) -> None:
    with writing(app.url, token, application_id, ledger) as people:
        time.sleep(1 + random.random())
        if victim == "mongod":
            app.kill_mongod()  # the application starts it again
        else:
            app.kill()
            app.start()
        before = ledger.acknowledged
        assert wait_for(lambda: ledger.acknowledged > before + 20, RECOVERY_SECONDS), app.complaints

    assert ledger.unexpected == [], app.errors
    assert max(person.slowest for person in people) < ANSWER_SECONDS
    if victim == "mongod":
        wait_for(lambda: contradictions(app, ledger) == [], REPAIR_SECONDS)
    assert contradictions(app, ledger) == []
    assert unreadable(app, token, ledger) == []


def wait_for(is_so: Callable[[], bool], seconds: float) -> bool:
    """Whether it becomes so in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.2)
    return False


def contradictions(app: OwnApp, ledger: Ledger) -> list[str]:
    with MongoClient[dict[str, Any]](app.uri, tz_aware=True) as client:
        database = client["prompthub"]
        return [*losses(database, ledger), *half_publishes(database)]


def unreadable(app: OwnApp, token: str, ledger: Ledger) -> list[str]:
    """Which of the versions acknowledged last are not answered as they were."""
    person = Person.arriving(app.url, token)
    with person.client:
        return [
            f"{key}"
            for key, version in list(ledger.saved.items())[-100:]
            if person.must("GET", f"/prompts/{key[0]}/versions/{key[1]}")["checksum"]
            != version["checksum"]
        ]


def report(number: int, victim: str, ledger: Ledger) -> None:
    print(  # noqa: T201 - figures for whoever runs it with -s
        f"round {number + 1}, {victim} killed: {len(ledger.saved)} saves and "
        f"{len(ledger.published)} publishes acknowledged, {dict(ledger.unanswered)} not"
    )
