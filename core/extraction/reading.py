"""Own reading pages and files apart: in a process with limits of time and memory."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from core.errors import SourceUnreadable
from core.errors.extraction import UnreadableReason
from core.extraction.propose import Proposal

ReadKind = Literal["html", "pdf", "plain"]

# Reading computes; more at once would only take turns.
AT_ONCE: Final = 2
_ROOT: Final = Path(__file__).parents[2]
# Nothing else of the environment goes along: it may hold keys.
_PASSED_ON: Final = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH")
_SAID: Final[dict[UnreadableReason, tuple[str, str]]] = {
    "not_pdf": ("The file is not a PDF file.", "Choose a PDF file, or paste its text."),
    "encrypted": (
        "The file is protected with a password.",
        "Save it without a password first, or paste its text.",
    ),
    "broken": ("The file is damaged.", "Save or download it again, or paste its text."),
    "scanned": (
        "The file holds pictures of pages but no text.",
        "Run a text recognition over it first, or paste its text.",
    ),
    "too_long": ("There is more text in it than is taken.", "Give a part of it."),
    "too_slow": ("Reading it took too long.", "Give a part of it, or paste its text."),
    "empty": ("There is no text in it.", "Give something that holds text."),
}


class Read(NamedTuple):
    """The text that was read, where its pages begin, and the proposals in it."""

    text: str
    title: str
    pages: tuple[int, ...]
    proposals: tuple[Proposal, ...]


class Reader:
    """Reads what came from outside, each in a process of its own."""

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def read(self, kind: ReadKind, data: bytes, *, charset: str = "", field: str) -> Read:
        """Return the text of a page or file with the proposals of the rules.

        Raises:
            SourceUnreadable: it cannot be read; `field` says where it came from.
        """
        async with self._turns:
            said = await self._ask(kind, data, charset)
        reason: UnreadableReason | None = said.get("failure")
        if reason is not None:
            message, remedy = _SAID[reason]
            raise SourceUnreadable(message, reason=reason, field=field, remedy=remedy)
        return Read(
            said["text"],
            said["title"],
            tuple(said["pages"]),
            tuple(Proposal(*one) for one in said["proposals"]),
        )

    async def _ask(self, kind: ReadKind, data: bytes, charset: str) -> dict[str, Any]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "core.extraction.reader", kind, charset),
            stdin=PIPE,
            stdout=PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=_ROOT,
            env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        )
        try:
            async with asyncio.timeout(self._seconds):
                written, _ = await process.communicate(data)
        except TimeoutError:
            return {"failure": "too_slow"}
        finally:
            await _end(process)
        if process.returncode != 0:
            return {"failure": "broken"}
        return await asyncio.to_thread(json.loads, written)


async def _end(process: Process) -> None:
    """Kill a process that still runs, and wait for its end."""
    if process.returncode is None:
        process.kill()
        await process.wait()
