"""Own the application on its own data folder, embedded server included, to be killed at will."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import httpx2

from core.database.embedded.folder import PASSWORD, ServerFolder
from core.database.embedded.launch import HOST, terminate
from core.database.embedded.replica_set import USER
from core.database.secrets import load_secret
from tests.browser.app_process import ROOT, free_port

READY_SECONDS = 60
STOP_SECONDS = 30
CHEAP_PASSWORDS = {
    "PROMPTHUB_ACCOUNTS__ARGON2_TIME_COST": "2",
    "PROMPTHUB_ACCOUNTS__ARGON2_MEMORY_KIB": str(19 * 1024),
}


class Ended(NamedTuple):
    """How the application stopped."""

    code: int
    seconds: float


@dataclass
class OwnApp:
    """The application of one data folder; it keeps its address over any number of starts.

    `program` is the module to run: with pages, or the API alone.
    """

    root: Path
    environment: Mapping[str, str]
    program: str = "streamlit_app.server"
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def data_dir(self) -> Path:
        return self.root / "data"

    @property
    def folder(self) -> ServerFolder:
        return ServerFolder.of(self.data_dir)

    @property
    def complaints(self) -> str:
        """What it has written to stderr since its first start."""
        return (self.root / "stderr.txt").read_text(encoding="utf-8")

    @property
    def errors(self) -> str:
        """The failures it has logged."""
        lines = self.complaints.splitlines()
        return "\n".join(line for line in lines if '"level":"ERROR"' in line)

    def start(self) -> float:
        """Start it; return the seconds until it could serve."""
        started = time.monotonic()
        process = self.launch()
        while not self.is_ready():
            assert process.poll() is None, self.complaints
            assert time.monotonic() - started < READY_SECONDS, self.complaints
            time.sleep(0.05)
        return time.monotonic() - started

    def launch(self) -> subprocess.Popen[bytes]:
        """Start its process, the leader of a group as under a shell."""
        with (self.root / "stderr.txt").open("ab") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.program],
                cwd=ROOT,
                env=self.settings(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
            )
        return self.process

    def settings(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PROMPTHUB_")}
        return {
            **inherited,
            **CHEAP_PASSWORDS,
            "PROMPTHUB_DATA_DIR": str(self.data_dir),
            "PROMPTHUB_SERVER__PORT": str(self.port),
            **self.environment,
        }

    def is_ready(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/api/v1/ready", timeout=10).is_success
        except httpx2.TransportError:
            return False

    def kill(self) -> None:
        """End the application by kill -9; its mongod stays."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(STOP_SECONDS)

    def kill_mongod(self) -> None:
        """End the database server by kill -9."""
        pid = self.folder.find_pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> Ended:
        """Ask the application to stop: Ctrl+C goes to its whole group, SIGTERM to it alone."""
        assert self.process is not None
        started = time.monotonic()
        if number == signal.SIGINT:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        return Ended(self.process.wait(STOP_SECONDS), time.monotonic() - started)

    @property
    def uri(self) -> str:
        """The way past the application to its database server, which must be running."""
        password = load_secret(self.data_dir, PASSWORD).get_secret_value()
        port = self.folder.find_port()
        return f"mongodb://{USER}:{password}@{HOST}:{port}/?authSource=admin&directConnection=true"


@contextmanager
def own_app(
    root: Path,
    environment: Mapping[str, str] | None = None,
    *,
    program: str = "streamlit_app.server",
) -> Generator[OwnApp]:
    """An application not yet started; whatever runs at the end is ended."""
    app = OwnApp(root, environment or {}, program)
    try:
        yield app
    finally:
        if app.process is not None and app.process.poll() is None:
            app.kill()
        terminate(app.folder)
