"""Hostile templates over REST: each is refused or bounded, and others work on meanwhile."""

import asyncio
import json
import os
import statistics
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.core.templates.attacks import ATTACKS, Attack
from tests.journeys.own_app import OwnApp, own_app
from tests.journeys.page_client import ELEMENTS, a_cookie, open_page
from tests.journeys.person import Person, register

ATTACKERS = 2
ATTACK_SECONDS = 2
WAIT_SECONDS = 0.5
MEMORY_MIB = 256
ACCEPTED, REFUSED = {200, 201}, {413, 422}


@dataclass
class Times:
    """How long things took, by what they were."""

    seconds: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    # What they would have taken alone: how many others there are changes in minutes of attacks.
    alone: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def note(self, what: str, action: Callable[[], object]) -> None:
        started = time.monotonic()
        action()
        taken = time.monotonic() - started
        self.seconds.setdefault(what, []).append(taken)
        self.alone.setdefault(what, []).append(taken / stretch())

    def __str__(self) -> str:
        return "\n".join(
            f"{what}: p50 {statistics.median(taken):.3f} s, p99 {p99(taken):.3f} s, "
            f"longest {max(taken):.3f} s, {len(taken)} times"
            for what, taken in self.seconds.items()
        )


def p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100, method="inclusive")[98]


@pytest.fixture
def app(tmp_path: Path) -> Generator[OwnApp]:
    with own_app(tmp_path, {"PROMPTHUB_EXECUTION__PER_MINUTE": "100000"}) as app:
        app.start()
        yield app


def sendable(attack: Attack) -> bool:
    """Whether its values can be written as JSON at all."""
    try:
        json.dumps(attack.values)
    except TypeError:
        return False
    return True


HOSTILE = [attack for attack in ATTACKS if sendable(attack)]
# Those that spend a whole budget; the long run sends them all.
WORST = [attack for attack in HOSTILE if attack.kind in {15, 19, 26, 35}][::2]


@pytest.mark.timeout(180)
def test_others_work_on_while_hostile_templates_come_in(app: OwnApp) -> None:
    # Other tests run side by side with this one on the same two cores.
    attack_and_watch(app, WORST, slack=3)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_others_work_on_while_every_hostile_template_comes_in(app: OwnApp) -> None:
    attack_and_watch(app, HOSTILE * 5, slack=1)


def attack_and_watch(app: OwnApp, attacks: Sequence[Attack], *, slack: int) -> None:
    attacker, other = (register(app.url, f"{name}@example.org") for name in ("mallory", "ada"))
    cookie = asyncio.run(a_cookie(app, "ada@example.org"))
    an_application(app, other, "mine")
    with open_page(app, cookie) as page:
        page.run()  # what the first page loads is no doing of the attackers
    before, times, over = memory_mib(app, "VmRSS"), Times(), threading.Event()
    watchers = [
        threading.Thread(target=read, args=(app, other, times, over)),
        threading.Thread(target=look, args=(app, cookie, times, over)),
    ]
    for thread in watchers:
        thread.start()
    try:
        answers = attack_all(app, attacker, attacks, times)
    finally:
        over.set()
        for thread in watchers:
            thread.join()
    grown = memory_mib(app, "VmHWM") - before
    print(f"{times}\nmemory grew by {grown:.0f} MiB at most")  # noqa: T201 - figures

    assert [answer for answer in answers if answer] == []
    assert max(times.alone["attack"]) < ATTACK_SECONDS * slack
    assert p99(times.alone["read"]) < WAIT_SECONDS * slack
    assert p99(times.alone["page"]) < WAIT_SECONDS * slack
    assert grown < MEMORY_MIB
    assert app.errors == ""


def attack_all(
    app: OwnApp, token: str, attacks: Sequence[Attack], times: Times
) -> list[str | None]:
    """Send all attacks, several at a time; say which were answered as they should not be."""
    application_id, waiting = an_application(app, token, "evil"), list(attacks)
    answers: list[str | None] = []

    def attack_on() -> None:
        person = Person.arriving(app.url, token)
        with person.client:
            while waiting:
                attack = waiting.pop()
                answers.append(attack_once(person, application_id, attack, times))

    threads = [threading.Thread(target=attack_on) for _ in range(ATTACKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == len(attacks)
    return answers


def an_application(app: OwnApp, token: str, name: str) -> str:
    """Make an application and a prompt, both of this name."""
    person = Person.arriving(app.url, token)
    with person.client:
        application_id: str = person.must("POST", "/applications", {"name": name})["id"]
        person.must("POST", "/prompts", {"application_id": application_id, "name": name})
    return application_id


def attack_once(person: Person, application_id: str, attack: Attack, times: Times) -> str | None:
    """Save and render it, and run it unsaved."""
    test = {"application_id": application_id, "content": attack.source, "model": "demo/echo"}
    answers: list[httpx2.Response | None] = []

    def ask(path: str, body: dict[str, Any]) -> None:
        times.note("attack", lambda: answers.append(person.ask("POST", path, body)))

    ask("/test-prompt", {**test, "variables": attack.values})
    ask("/prompts/evil/versions", {"content": attack.source})
    saved = answers[-1]
    if saved is not None and saved.status_code in ACCEPTED:
        number = saved.json()["version"]
        ask(f"/prompts/evil/versions/{number}/render", {"variables": attack.values})
    wrong = [a for a in answers if a is None or a.status_code not in ACCEPTED | REFUSED]
    return f"{attack.source[:60]}: {wrong}" if wrong else None


def read(app: OwnApp, token: str, times: Times, over: threading.Event) -> None:
    """Another person reads and writes over REST."""
    person = Person.arriving(app.url, token)
    with person.client:
        for number in count():
            if over.wait(0.01):
                return
            times.note("read", lambda: person.must("GET", "/prompts/mine"))
            if number % 10 == 0:
                times.note("save", partial(save, person, f"Hello {number}"))


def save(person: Person, content: str) -> None:
    person.must("POST", "/prompts/mine/versions", {"content": content})


def look(app: OwnApp, cookie: str, times: Times, over: threading.Event) -> None:
    """Another person uses a page."""
    with open_page(app, cookie) as page:
        page.run()
        assert page.elements > ELEMENTS
        while not over.wait(0.1):
            times.note("page", page.run)


def stretch() -> float:
    """How much longer things take because others use the machine too."""
    return max(1, os.getloadavg()[0] / (os.cpu_count() or 1))


def memory_mib(app: OwnApp, what: str) -> float:
    """The resident memory of the application, now (VmRSS) or at its highest (VmHWM)."""
    assert app.process is not None
    status = Path(f"/proc/{app.process.pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith(f"{what}:"))
    return int(line.split()[1]) * 1024 / 2**20
