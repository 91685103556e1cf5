"""Hostile templates are refused or bounded: in time, in memory, and for everybody else."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.core.templates.attacks import ATTACKS

MAX_SECONDS = 2
MAX_MIB = 256
MAX_OUTPUT = 1024 * 1024
INTERNALS = ("<class", "<function", "<bound", "<built-in", " at 0x", "LoopContext", "jinja2", ".py")
SUMMARY = -1


@pytest.fixture(scope="module")
def results() -> dict[int, dict[str, Any]]:
    """Every attack in one process of its own with 512 MiB; what is missing killed it."""
    process = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.core.templates.attack_runner"],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    lines = [json.loads(line) for line in process.stdout.splitlines()]
    assert lines, process.stderr
    return {line["number"]: line for line in lines}


def name_attack(number: int) -> str:
    return f"kind{ATTACKS[number].kind}-{ATTACKS[number].source[:40]!r}"


@pytest.mark.parametrize("number", range(len(ATTACKS)), ids=name_attack)
def test_an_attack_is_refused_or_bounded(number: int, results: dict[int, dict[str, Any]]) -> None:
    attack = ATTACKS[number]

    result = results[number]

    assert attack.outcome == "bounded" or result["outcome"] == "refused", result["text"]
    assert result["seconds"] < MAX_SECONDS
    assert result["size"] <= MAX_OUTPUT
    assert not any(internal in result["text"] for internal in INTERNALS)
    if result["outcome"] == "refused":
        assert result["size"] < 1500


def test_all_kinds_of_the_design_are_attacked() -> None:
    assert {attack.kind for attack in ATTACKS} >= set(range(1, 34))


def test_the_memory_of_the_process_stays_small(results: dict[int, dict[str, Any]]) -> None:
    assert results[SUMMARY]["peak_mib"] < MAX_MIB


def test_others_are_answered_meanwhile(results: dict[int, dict[str, Any]]) -> None:
    assert results[SUMMARY]["wait"] < 1
