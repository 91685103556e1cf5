"""The page about guardrails is true: its policy is taken, its own check is found and works."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from core.guardrails.policy import check_policy
from core.values.body import VersionBody

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "guardrails.md").read_text()
ASK = """
from core.guardrails.base import CheckedInput, find_check
check, argument = find_check("competitors:Acme")
print(check.score(CheckedInput(given="Is ACME better?", sent=""), argument))
"""


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


def test_the_policy_on_the_page_is_taken() -> None:
    body = VersionBody.model_validate(json.loads(block("json")))

    check_policy(body.guardrail_config)

    assert body.guardrail_config.pre_validation.enabled


def test_an_installed_package_brings_checks_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "acme_checks.py").write_text(block("python"))
    installed = tmp_path / "acme-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text(
        "[prompthub.checks]\ncompetitors = acme_checks:COMPETITORS\n"
    )

    told = subprocess.run(
        [sys.executable, "-c", ASK],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.strip() == "Score(score=1.0, reason='A competitor is named.')"
