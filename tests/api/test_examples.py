"""Every example of docs/http-api.md works against the API running alone, as `make api` runs it."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import httpx2
import pytest

from core.settings import Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "http-api.md").read_text()
START_SECONDS = 30


@pytest.fixture
def server(settings: Settings) -> Generator[str]:
    """The address of the API in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert settings.mongo.uri is not None
    environment = {
        **os.environ,
        "PROMPTHUB_SERVER__PORT": str(port),
        "PROMPTHUB_DATA_DIR": str(settings.data_dir),
        "PROMPTHUB_MONGO__URI": settings.mongo.uri.get_secret_value(),
        "PROMPTHUB_MONGO__DATABASE": settings.mongo.database,
    }
    process = subprocess.Popen([sys.executable, "-m", "core.api"], cwd=ROOT, env=environment)
    address = f"http://127.0.0.1:{port}/api/v1"
    try:
        wait_for(f"{address}/ready", process)
        yield address
    finally:
        process.terminate()
        assert process.wait(timeout=10) in {0, -signal.SIGTERM}


def wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx2.get(url).raise_for_status()
        except httpx2.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("The API did not start.")


def examples(language: str) -> str:
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))


@pytest.mark.skipif(shutil.which("curl") is None, reason="the shell examples need curl")
def test_the_examples_work_in_order(server: str, tmp_path: Path) -> None:
    shell, script = tmp_path / "examples.sh", tmp_path / "examples.py"
    shell.write_text("set -euo pipefail\n" + examples("bash"))
    script.write_text(examples("python"))
    environment = {**os.environ, "PROMPTHUB": server}

    for command in (["bash", str(shell)], [sys.executable, str(script)]):
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

        assert done.returncode == 0, done.stdout + done.stderr
