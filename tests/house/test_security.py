"""The page of security names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", (ROOT / "docs/security.md").read_text())


def test_every_test_that_the_page_of_security_names_exists() -> None:
    missing = [
        f"{path}::{name}" for path, name in NAMED if f"def {name}(" not in (ROOT / path).read_text()
    ]

    assert NAMED
    assert missing == []
