"""The container files are well-formed, as far as this machine can tell."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]


def test_compose_describes_three_commands_of_one_image_with_their_database() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]

    assert {"app", "api", "worker", "mongo", "redis"} == set(services)
    assert {services[name]["image"] for name in ("app", "api", "worker")} == {"prompthub:0.1.0"}


def test_compose_accepts_its_file() -> None:
    has_compose = (
        shutil.which("docker") is not None
        and subprocess.run(
            ["docker", "compose", "version"], capture_output=True, check=False
        ).returncode
        == 0
    )
    if not has_compose:
        pytest.skip("docker compose is not installed on this machine")

    checked = subprocess.run(
        ["docker", "compose", "config", "--quiet"], cwd=ROOT, capture_output=True, check=False
    )

    assert checked.returncode == 0, checked.stderr.decode()


def test_the_image_listens_outside_only_with_a_data_folder() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()

    assert "PROMPTHUB_DATA_DIR=/data" in dockerfile
    assert "USER prompthub" in dockerfile
