"""Own the file format of a backup: frames of one kind byte and one BSON document each.

The order is a header, the secrets, then each collection's name before its documents, and an end
with the SHA-256 of all bytes before it. BSON of the database is copied byte by byte, so every type
survives; a file without its end was cut and is refused.
"""

import hashlib
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import Any, BinaryIO, Literal, NamedTuple, cast

import bson
from bson.errors import BSONError

from core import clock
from core.database.secrets import sync_folder
from core.errors import Invalid

MAGIC = b"PROMPTHUB BACKUP 1\n"
Kind = Literal[b"H", b"S", b"C", b"D", b"E"]
KINDS = (b"H", b"S", b"C", b"D", b"E")
# A document as MongoDB stores it, with room for what it adds. Source: maxBsonObjectSize.
LARGEST_BYTES = 16 * 1024 * 1024 + 16 * 1024


class Frame(NamedTuple):
    """One entry of the file; `raw` is the BSON of its document."""

    kind: Kind
    raw: bytes

    def fields(self) -> dict[str, Any]:
        """Return the document decoded."""
        return bson.decode(self.raw)  # pyright: ignore[reportUnknownMemberType] - an array of any type is among what it takes


class Contents(NamedTuple):
    """What a complete archive holds; `documents` counts them by collection."""

    schema_version: int
    made_at: datetime
    secrets: dict[str, str]
    documents: dict[str, int]


class ArchiveWriter:
    """Write the frames of one archive in order, ending with `finish`."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._put(MAGIC)

    def header(self, schema_version: int) -> None:
        """Say what the documents need to be read."""
        self._frame(b"H", bson.encode({"schema_version": schema_version, "made_at": clock.now()}))

    def secret(self, name: str, value: str) -> None:
        """Add a secret without which some documents cannot be read."""
        self._frame(b"S", bson.encode({"name": name, "value": value}))

    def collection(self, name: str) -> None:
        """Begin the documents of a collection."""
        self._frame(b"C", bson.encode({"name": name}))

    def document(self, raw: bytes) -> None:
        """Add one document of the collection begun last."""
        self._frame(b"D", raw)

    def finish(self) -> None:
        """Mark the archive as complete."""
        self._file.write(b"E" + bson.encode({"sha256": self._digest.digest()}))

    def _frame(self, kind: Kind, raw: bytes) -> None:
        self._put(kind)
        self._put(raw)

    def _put(self, content: bytes) -> None:
        self._digest.update(content)
        self._file.write(content)


@contextmanager
def written_whole(path: Path) -> Generator[BinaryIO]:
    """Give a file of mode 0600 that appears under `path` only once it is written to the end.

    Raises:
        Invalid: the file cannot be written there.
    """
    draft = path.with_name(f".{path.name}.{token_hex(4)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise Invalid(
            f"The file {path} cannot be written: {error.strerror}.", field="file"
        ) from error


def iterate_frames(path: Path) -> Iterator[Frame]:
    """Read an archive frame by frame, without its end.

    Raises:
        Invalid: it is no archive, is cut or damaged; of damage within only at the end.
    """
    try:
        with path.open("rb") as file:
            yield from _iterate(file)
    except OSError as error:
        raise Invalid(f"The file {path} cannot be read: {error.strerror}.", field="file") from error


def check_archive(path: Path) -> Contents:
    """Read an archive to its end and return what it holds.

    Raises:
        Invalid: it is no archive, is cut or damaged.
    """
    header: dict[str, Any] = {}
    secrets: dict[str, str] = {}
    documents: dict[str, int] = {}
    name = ""
    for frame in iterate_frames(path):
        if frame.kind == b"D":
            documents[name] += 1
        elif frame.kind == b"C":
            name = frame.fields()["name"]
            documents[name] = 0
        elif frame.kind == b"S":
            secret = frame.fields()
            secrets[secret["name"]] = secret["value"]
        else:
            header = frame.fields()
    return Contents(header["schema_version"], header["made_at"], secrets, documents)


def _iterate(file: BinaryIO) -> Iterator[Frame]:
    if file.read(len(MAGIC)) != MAGIC:
        raise Invalid("This is not a backup of PromptHub.", field="file")
    digest = hashlib.sha256(MAGIC)
    while True:
        frame = _read_frame(file)
        if frame.kind == b"E":
            break
        digest.update(frame.kind + frame.raw)
        yield frame
    if _read_digest(frame) != digest.digest() or file.read(1):
        raise _damaged()


def _read_frame(file: BinaryIO) -> Frame:
    kind = file.read(1)
    size_bytes = file.read(4)
    size = int.from_bytes(size_bytes, "little")
    if kind not in KINDS or not 5 <= size <= LARGEST_BYTES:  # noqa: PLR2004 - the empty BSON
        raise _damaged()
    raw = size_bytes + file.read(size - 4)
    if len(raw) != size:
        raise _damaged()
    return Frame(kind, raw)


def _read_digest(frame: Frame) -> bytes:
    try:
        return cast("bytes", frame.fields()["sha256"])
    except (BSONError, KeyError) as error:
        raise _damaged() from error


def _damaged() -> Invalid:
    return Invalid(
        "The backup is cut or damaged; nothing was restored.",
        field="file",
        remedy="Copy it again from where it was made, or take another backup.",
    )
