"""Hostile files and pages end in an answer, in a process that nobody misses."""

import asyncio
import re
import zlib
from pathlib import Path

import pytest

from core.errors import SourceUnreadable
from core.extraction.reading import Reader, ReadKind

DOCUMENTS = Path(__file__).parent / "documents"
SOUND = (DOCUMENTS / "prompts_for_writing_generated.pdf").read_bytes()


def pdf(*objects: bytes) -> bytes:
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (at, one) for at, one in enumerate(objects, 1))
    return b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R/Size %d>>\n%%%%EOF" % (len(objects) + 1)


def with_content(stream: bytes, filters: bytes = b"") -> bytes:
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
        b"<</Length %d%s>>stream\n%s\nendstream" % (len(stream), filters, stream),
    )


BOMB = zlib.compress(b"BT (aaaaaaaa) Tj ET " * 500_000, 9)
HOSTILE = {
    "empty": b"",
    "cut": SOUND[:6_000],
    "a page": b"<!doctype html><title>x</title><p>Act as a cook",
    "noise": b"%PDF-1.7\n" + bytes(range(256)) * 500,
    "a flate bomb": with_content(BOMB, b"/Filter/FlateDecode"),
    "a double flate bomb": with_content(
        zlib.compress(BOMB, 9), b"/Filter[/FlateDecode/FlateDecode]"
    ),
    "a loop of pages": pdf(
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"
    ),
    "a lie about the count": pdf(
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 2000000000>>"
    ),
    "deep arrays": pdf(b"<</Type/Catalog/Pages " + b"[" * 100_000 + b"]" * 100_000 + b">>"),
    "no text": with_content(b"0 0 m 9 9 l S"),
    "encrypted": pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>").replace(
        b"/Size",
        b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O("
        + b"o" * 32
        + b")/U("
        + b"u" * 32
        + b")>>/ID[(a)(a)]/Size",
    ),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
async def test_a_hostile_file_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(SourceUnreadable) as refused:
        await Reader(seconds=9).read("pdf", data, field="file")

    assert refused.value.remedy
    assert refused.value.field == "file"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("empty", "empty"), ("a page", "not_pdf"), ("no text", "scanned"), ("encrypted", "encrypted"),
     ("noise", "broken")],
)  # fmt: skip
async def test_the_answer_says_what_is_wrong(name: str, reason: str) -> None:
    with pytest.raises(SourceUnreadable) as refused:
        await Reader(seconds=9).read("pdf", HOSTILE[name], field="file")

    assert refused.value.reason == reason


async def test_reading_that_takes_too_long_is_ended_and_others_go_on() -> None:
    with pytest.raises(SourceUnreadable, match="too long"):
        await Reader(seconds=0.01).read("pdf", SOUND, field="file")

    read = await Reader(seconds=9).read("pdf", SOUND, field="file")

    assert len(read.pages) == 7
    assert len(read.proposals) == 29


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("html", b"<p>Hello</p>" + b"<div>" * 200_000),
        ("html", b"<p>Hello \xff\xfe\x00</p>"),
        ("html", b"<p>" * 5_000 + b"Hello"),
        ("html", "Hello & <b".encode("utf-16")),
        ("plain", b"\x00Hello \xed\xa0\x80"),
        ("plain", b"Hello" + b">" * 1_000_000),
        ("plain", b"Hello\n" + b"- " * 500_000),
        ("plain", b"Hello " + b'"' * 100_000 + b"[" * 100_000 + b"{{" * 100_000),
    ],
)
async def test_odd_pages_are_read_as_text_or_refused(kind: ReadKind, data: bytes) -> None:
    try:
        read = await Reader(seconds=9).read(kind, data, charset="nonsense", field="url")
    except SourceUnreadable as refused:
        read, reason = None, refused.reason
    else:
        reason = None

    assert reason in {None, "empty", "broken"}
    assert read is None or re.search("[Hh]ello", read.text) or kind == "html"


def environments_of_children() -> list[bytes]:
    found: list[bytes] = []
    for path in Path("/proc/self/task").glob("*/children"):
        for child in path.read_text().split():
            try:
                found.append(Path("/proc", child, "environ").read_bytes())
            except OSError:
                continue
    return found


async def test_the_reader_knows_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    reader = asyncio.create_task(Reader(seconds=9).read("pdf", SOUND, field="file"))
    seen: list[bytes] = []
    while not reader.done():
        await asyncio.sleep(0.05)
        seen += environments_of_children()

    assert len((await reader).pages) == 7
    assert any(b"PATH=" in one for one in seen)
    assert not any(b"sk-canary" in one for one in seen)


def highest_mib() -> int:
    """The most memory that this process has had."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_hostile_files_take_no_memory_and_leave_no_process() -> None:
    reader = Reader(seconds=9)
    files = [*HOSTILE.values()] * 10
    await asyncio.gather(reader.read("pdf", HOSTILE["cut"], field="file"), return_exceptions=True)
    before = highest_mib()

    answers = await asyncio.gather(
        *(reader.read("pdf", data, field="file") for data in files), return_exceptions=True
    )

    assert [one for one in answers if not isinstance(one, SourceUnreadable)] == []
    assert highest_mib() - before < 32
    assert environments_of_children() == []
