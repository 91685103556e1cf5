"""Own the application as tests of the browser run it: the real server in a process of its own."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).parents[2]
READY_SECONDS = 40


@dataclass(frozen=True)
class App:
    """A running application, its data folder and what it has printed so far."""

    url: str
    database: str
    data_dir: Path
    process: subprocess.Popen[bytes]

    @property
    def output(self) -> str:
        return (self.data_dir / "output.txt").read_text(encoding="utf-8")


@contextmanager
def running_app(mongo_uri: str, database: str, environment: Mapping[str, str]) -> Generator[App]:
    """Start the server on a free port and stop it again; `environment` comes on top of ours."""
    data_dir = Path(tempfile.mkdtemp(prefix="prompthub-app-"))
    port = free_port()
    settings = {
        "PROMPTHUB_DATA_DIR": str(data_dir),
        "PROMPTHUB_SERVER__PORT": str(port),
        "PROMPTHUB_MONGO__URI": mongo_uri,
        "PROMPTHUB_MONGO__DATABASE": database,
        "PROMPTHUB_ACCOUNTS__ARGON2_TIME_COST": "2",
        "PROMPTHUB_ACCOUNTS__ARGON2_MEMORY_KIB": str(19 * 1024),
        **environment,
    }
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PROMPTHUB_")}
    with (data_dir / "output.txt").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit_app.server"],
            cwd=ROOT,
            env=inherited | settings,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    app = App(f"http://127.0.0.1:{port}", database, data_dir, process)
    try:
        wait_until_ready(app)
        yield app
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(data_dir)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def wait_until_ready(app: App) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and app.process.poll() is None:
        try:
            with urlopen(f"{app.url}/_stcore/health", timeout=2):  # noqa: S310  # our own http address
                return
        except OSError:  # refused, reset while it starts, or too slow
            time.sleep(0.1)
    raise AssertionError(f"The server did not become ready:\n{app.output}")
