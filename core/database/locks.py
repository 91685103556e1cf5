"""Own file locks between processes; the kernel drops them when their process dies."""

import fcntl
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from core.errors import Unavailable

POLL_SECONDS = 0.01


@contextmanager
def locked(path: Path, *, wait_seconds: float) -> Generator[None]:
    """Hold the lock on `path` alone, among all threads and processes of this machine.

    Raises:
        Unavailable: somebody else holds it for longer than `wait_seconds`.
    """
    with open_lock(path) as file:
        deadline = time.monotonic() + wait_seconds
        while not try_exclusive(file):
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"Another process has held {path} for {wait_seconds:.0f} s.",
                    what="data folder",
                    remedy="See whether a PromptHub process hangs, and end it.",
                )
            time.sleep(POLL_SECONDS)
        yield


def open_lock(path: Path) -> BinaryIO:
    """Open the file of a lock, made when absent; closing it gives the lock back."""
    file = path.open("ab")
    path.chmod(0o600)
    return file


def try_exclusive(file: BinaryIO) -> bool:
    """Take the lock alone, now or not at all; the lock held shared until now is let go first."""
    return _try(file, fcntl.LOCK_EX)


def try_shared(file: BinaryIO) -> bool:
    """Take the lock together with others, now or not at all."""
    return _try(file, fcntl.LOCK_SH)


def _try(file: BinaryIO, mode: int) -> bool:
    try:
        fcntl.flock(file, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
