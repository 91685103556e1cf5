"""Own the process that reads what came from outside: it holds no secrets and can be killed.

`python -m core.extraction.reader html|pdf|plain [charset]` reads the bytes from standard input and
writes JSON: what was read, with the proposals in it, or why it cannot be read.
"""

import json
import resource
import sys
from contextlib import suppress
from typing import Any, Final

from core.extraction.blocks import Source
from core.extraction.html import read_html
from core.extraction.pdf import Unreadable, read_pdf
from core.extraction.plain import read_plain
from core.extraction.propose import propose

MEMORY_BYTES: Final = 1024**3
OPEN_FILES: Final = 64
# More than a novel of 500 pages five times over; a stored document takes 16 MB.
MAX_TEXT_BYTES: Final = 10 * 1024 * 1024


def main() -> None:
    """Read, and say what was read."""
    kind, charset = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""  # noqa: PLR2004 - the second argument may be absent
    _limit()
    data = sys.stdin.buffer.read()
    try:
        answer = _describe(_read(kind, data, charset))
    except Unreadable as error:
        answer = {"failure": error.failure}
    except MemoryError:
        answer = {"failure": "too_long"}
    except ValueError:
        answer = {"failure": "broken"}
    sys.stdout.write(json.dumps(answer))


def _limit() -> None:
    """Bound what the process may use; what a system does not know is left to the time limit."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def _read(kind: str, data: bytes, charset: str) -> Source:
    if not data.strip():
        raise Unreadable("empty")
    if kind == "pdf":
        return read_pdf(data)
    if kind == "html":
        return read_html(data, charset=charset or None)
    return read_plain(_decode(data, charset))


def _decode(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset or "utf-8-sig", "replace")
    except LookupError:
        return data.decode("utf-8-sig", "replace")


def _describe(source: Source) -> dict[str, Any]:
    if not source.text.strip():
        raise Unreadable("empty")
    if len(source.text.encode()) > MAX_TEXT_BYTES:
        raise Unreadable("too_long")
    return {
        "text": source.text,
        "title": source.title,
        "pages": list(source.pages),
        "proposals": [list(one) for one in propose(source)],
    }


if __name__ == "__main__":
    main()
