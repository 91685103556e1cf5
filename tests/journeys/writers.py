"""Own people who write all the time, side by side, and note every answer they get."""

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from itertools import count

import httpx2

from tests.journeys.ledger import Ledger, Version
from tests.journeys.person import Person

WRITERS = 4
SHARED = "shared"
ANSWERS = {200, 201}
OUTAGE = 503
# A new prompt of one's own now and then, so that no list of versions gets long.
STEPS_PER_PROMPT = 12


class Writer:
    """One person who saves, publishes, labels and rolls back, on a shared and on own prompts."""

    def __init__(self, person: Person, application_id: str, name: str, ledger: Ledger) -> None:
        self._person = person
        self._application_id = application_id
        self._name = name
        self._ledger = ledger
        self._own = ""

    def write(self, steps: "count[int]", stop: threading.Event) -> None:
        while not stop.is_set():
            self._step(next(steps))

    def _step(self, number: int) -> None:
        if not self._own or number % STEPS_PER_PROMPT == 0:
            self._own = self._create(f"{self._name}-{number}")
        prompt = SHARED if number % 3 == 0 else self._own
        saved = self._save(prompt, f"Step {number} of {self._name}: greet {{{{ name }}}}.")
        if saved is None or number % 2:
            return
        published = self._publish(prompt, saved["version"])
        if published is None or prompt == SHARED:
            return
        self._label(prompt, published["version"])
        if number % 10 == 0:
            self._roll_back(prompt, published["version"])

    def _create(self, name: str) -> str:
        new = {"application_id": self._application_id, "name": name, "prompt_id": name}
        if self._ask("POST", "/prompts", new) is None:
            return ""
        self._ledger.prompts.add(name)
        return name

    def _save(self, prompt: str, content: str) -> Version | None:
        body = {"content": content, "required_fields": [{"name": "name"}]}
        version = self._ask("POST", f"/prompts/{prompt}/versions", body) if prompt else None
        if version is not None:
            self._ledger.note_saved(version)
        return version

    def _publish(self, prompt: str, number: str) -> Version | None:
        version = self._ask("POST", f"/prompts/{prompt}/versions/{number}/publish")
        if version is not None:
            self._ledger.note_published(version)
        return version

    def _label(self, prompt: str, number: str) -> None:
        self._ledger.note_label(prompt, number, is_certain=False)
        target = {"version": number, "reason": "works"}
        if self._ask("PUT", f"/prompts/{prompt}/labels/production", target) is not None:
            self._ledger.note_label(prompt, number, is_certain=True)

    def _roll_back(self, prompt: str, number: str) -> None:
        path = f"/prompts/{prompt}/versions/{number}/rollback"
        version = self._ask("POST", path, {"reason": "worse"})
        if version is not None:
            self._ledger.note_saved(version)
            self._ledger.note_published(version)

    def _ask(self, method: str, path: str, body: object = None) -> Version | None:
        answer = self._person.ask(method, path, body)
        if answer is not None and answer.status_code in ANSWERS:
            version: Version = answer.json()
            return version
        self._note_refusal(answer, f"{method} {path}")
        time.sleep(0.05)
        return None

    def _note_refusal(self, answer: httpx2.Response | None, what: str) -> None:
        if answer is None:
            self._ledger.unanswered["nobody"] += 1
        elif answer.status_code == OUTAGE and "retry-after" in answer.headers:
            self._ledger.unanswered["503"] += 1
        else:
            self._ledger.unexpected.append(f"{what}: {answer.status_code} {answer.text}")


@contextmanager
def writing(url: str, token: str, application_id: str, ledger: Ledger) -> Generator[list[Person]]:
    """Several writers at work until the block is left."""
    people = [Person.arriving(url, token) for _ in range(WRITERS)]
    stop, steps = threading.Event(), count(ledger.acknowledged * 100 + 1)
    threads = [
        threading.Thread(
            target=Writer(person, application_id, f"writer{number}", ledger).write,
            args=(steps, stop),
        )
        for number, person in enumerate(people)
    ]
    for thread in threads:
        thread.start()
    try:
        yield people
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        for person in people:
            person.client.close()
