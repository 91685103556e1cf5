"""Own the embedded server's place on disk: its files, its port, and whether it runs."""

import json
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from core.database.locks import POLL_SECONDS, try_shared
from core.database.secrets import load_secret, secret_path, write_private
from core.errors import NotConfigured

KEY = "mongo-key"
PASSWORD = "mongo-password"  # noqa: S105 - the name of a file
LOG_BYTES = 16 * 1024 * 1024
STARTING_SECONDS = 30


@dataclass(frozen=True, slots=True)
class ServerFolder:
    """The files below one data folder that belong to its server."""

    data_dir: Path

    @classmethod
    def of(cls, data_dir: Path) -> Self:
        """Return the folder as an absolute path, because a daemon changes to `/`."""
        return cls(data_dir.absolute())

    @property
    def root(self) -> Path:
        """The private folder (0700) of everything below."""
        return self.data_dir / "mongo"

    @property
    def database(self) -> Path:
        """What mongod calls dbpath."""
        return self.root / "db"

    @property
    def log(self) -> Path:
        """The log of mongod."""
        return self.root / "mongod.log"

    @property
    def start_lock(self) -> Path:
        """Held while the server is started or stopped."""
        return self.root / "start.lock"

    @property
    def users_lock(self) -> Path:
        """Held shared by every process that uses the server, for as long as it does."""
        return self.root / "users.lock"

    @property
    def key_file(self) -> Path:
        """The keyFile without which mongod has no access control in a replica set."""
        return secret_path(self.data_dir, KEY)

    def prepare(self) -> str:
        """Make the folders and secrets that are missing; return the password of the server.

        Raises:
            NotConfigured: the data folder cannot be written, or a secret in it is damaged.
        """
        try:
            self.database.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.root.chmod(0o700)
            if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
                self.log.replace(self.log.with_suffix(".log.1"))
        except OSError as error:
            raise NotConfigured(
                f"The data folder {self.data_dir} cannot be written: {error.strerror}.",
                setting="PROMPTHUB_DATA_DIR",
                remedy="Name a folder that belongs to the user running PromptHub.",
            ) from error
        load_secret(self.data_dir, KEY)
        return load_secret(self.data_dir, PASSWORD).get_secret_value()

    def find_pid(self) -> int | None:
        """Return the process id of the mongod on this folder, None when none runs.

        mongod holds a lock on `mongod.lock` for life and writes its id there, so neither a stale
        file nor a reused process id can mislead. Source: MongoDB 6.0, storage_engine_lock_file.
        """
        path = self.database / "mongod.lock"
        deadline = time.monotonic() + STARTING_SECONDS
        while path.exists() and time.monotonic() < deadline:
            with path.open("rb") as file:
                if try_shared(file):
                    return None
                text = file.read().strip()
            if text:
                return int(text)
            time.sleep(POLL_SECONDS)  # it has just locked the file, or is about to leave
        return None

    def find_port(self) -> int | None:
        """Return the port the server was last started on."""
        try:
            return int((self.root / "port").read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return None

    def keep_port(self, port: int) -> None:
        """Remember the port for the next start and for other processes."""
        write_private(self.root / "port", str(port).encode())

    def last_complaint(self) -> str:
        """Return what mongod last complained of in its log, empty when it did not."""
        if not self.log.exists():
            return ""
        with self.log.open(encoding="utf-8", errors="replace") as log:
            for line in reversed(deque(log, maxlen=100)):
                complaint = _read_complaint(line)
                if complaint:
                    return complaint
        return ""


def _read_complaint(line: str) -> str:
    try:
        entry = json.loads(line)
        if entry["s"] not in {"E", "F"}:
            return ""
        detail = entry.get("attr", {}).get("error", "")
        return f"{entry['msg']} {detail}".strip()
    except (ValueError, KeyError, AttributeError):
        return ""
