"""Own the generated secrets of an installation: files of mode 0600 in its data folder."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from pydantic import SecretStr

from core.database.locks import locked
from core.errors import NotConfigured

FEWEST_DIGITS = 32


def load_secret(data_dir: Path, name: str, *, length_bytes: int = 32) -> SecretStr:
    """Return the secret `name` (hexadecimal digits), made at random when there is none yet.

    Two processes asking at once get the same one.

    Raises:
        NotConfigured: the file is there but cut or empty, or the folder cannot be written.
    """
    path = secret_path(data_dir, name)
    with _holding(path):
        if not path.exists():
            write_private(path, token_hex(length_bytes).encode())
        value = path.read_text(encoding="ascii").strip()
    if len(value) < FEWEST_DIGITS:
        raise NotConfigured(
            f"The secret file {path} is damaged.",
            setting="PROMPTHUB_DATA_DIR",
            remedy="Put it back from a backup; a new one would not fit what the old one protects.",
        )
    return SecretStr(value)


def replace_secret(data_dir: Path, name: str, value: SecretStr) -> None:
    """Write another value of the secret `name`.

    Raises:
        NotConfigured: the folder cannot be written.
    """
    path = secret_path(data_dir, name)
    with _holding(path):
        write_private(path, value.get_secret_value().encode("ascii"))


@contextmanager
def _holding(path: Path) -> Generator[None]:
    """Keep other processes away from the secrets, and say which file it is that fails."""
    try:
        _make_private(path.parent)
        with locked(path.parent / ".lock", wait_seconds=30):
            yield
    except OSError as error:
        raise NotConfigured(
            f"The secret file {path} cannot be read or written: {error.strerror}.",
            setting="PROMPTHUB_DATA_DIR",
            remedy="Name a data folder that belongs to the user running PromptHub.",
        ) from error


def secret_path(data_dir: Path, name: str) -> Path:
    """Return the file that holds the secret `name`."""
    return data_dir / "secrets" / name


def write_private(path: Path, content: bytes) -> None:
    """Write a file of mode 0600 that is there whole or not at all, also after a power cut."""
    draft = path.with_name(f".{path.name}.{token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename inside `folder` last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
