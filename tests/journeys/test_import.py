"""Hundreds of prompts brought in by one command: repeatable, listed quickly, ready to run."""

import json
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from core.prompts.samples import read_samples
from tests.browser.app_process import ROOT
from tests.journeys.own_app import OwnApp, own_app
from tests.journeys.person import Person, register

PROMPTS = 300
# The goal is 3 ms for a page; the machine is shared.
LIST_SECONDS = 1


@pytest.fixture
def app(tmp_path: Path) -> Generator[OwnApp]:
    with own_app(tmp_path) as app:
        app.start()
        yield app


def test_an_import_beside_the_running_application_can_be_repeated(
    app: OwnApp, tmp_path: Path
) -> None:
    token = register(app.url, "ada@example.org")
    file = write_prompts(tmp_path / "prompts.jsonl")

    first, again = bring_in(app, file), bring_in(app, file)

    assert f"{PROMPTS} new, 0 with a new version, 0 unchanged" in first
    assert f"0 new, 0 with a new version, {PROMPTS} unchanged" in again
    person = Person.arriving(app.url, token)
    with person.client:
        assert list_quickly(person) == PROMPTS
        assert run_one(person, "sample-7")["status"] == "success"


def write_prompts(path: Path) -> Path:
    """The samples, over and over, each with words of its own; one is no template."""
    samples = read_samples()
    rows = [
        {
            "id": f"sample-{number}",
            "name": f"{samples[number % len(samples)].name} {number}",
            "content": f"{samples[number % len(samples)].body.content}\nNumber {number}.",
            "kind": "persona",
            "license": "CC0-1.0",
        }
        for number in range(PROMPTS)
    ]
    rows[7]["content"] = "Write a page of Go templates, e.g. {{ range .Items }}{{ end }}."
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def bring_in(app: OwnApp, file: Path) -> str:
    """Run the operator's command; return what it has printed."""
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "core.admin", "import-prompts", str(file)),
            *("--application", "default"),
        ],
        cwd=ROOT,
        env=app.settings(),
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def list_quickly(person: Person) -> int:
    person.must("GET", "/prompts?limit=50")
    started = time.monotonic()
    total: int = person.must("GET", "/prompts?limit=50")["total"]
    assert time.monotonic() - started < LIST_SECONDS
    return total


def run_one(person: Person, prompt_id: str) -> dict[str, str]:
    answer: dict[str, str] = person.must(
        "POST", f"/execute/{prompt_id}/latest", {"model": "demo/echo"}
    )
    return answer
