"""What the rules find in real documents; docs/extraction.md tells how it is counted."""

import gzip
import html
import re
from pathlib import Path

from core.extraction.blocks import Source
from core.extraction.html import read_html
from core.extraction.pdf import read_pdf
from core.extraction.propose import Proposal, propose

DOCUMENTS = Path(__file__).parent / "documents"
ARTICLE = DOCUMENTS / "prompts_for_writing.html"
BOOK = DOCUMENTS / "prompting_book_en.html.gz"
PRINTED_ARTICLE = DOCUMENTS / "prompts_for_writing_generated.pdf"
PRINTED_BOOK = DOCUMENTS / "prompting_book_en_p38-67.pdf"
# Judged by hand: openings of what is offered as a prompt in the book and is none.
FALSE_IN_BOOK = (
    "Special instructions that tell",
    '"You are a [profession]',
    '"Use a formal, academic tone"',
    '"Return as a bulleted list"',
    '"Return as JSON with keys',
    "Return your analysis as:",
    "[Example 1]",
    "## Prompt: Customer Email",
    "Prompt A:",
    "When creating a prompt on",
    "Return ONLY the JSON object.",
    "Instructions that define AI",
)


def letters(text: str) -> str:
    """Layout breaks lines and words: what counts is the letters and digits in their order."""
    return re.sub(r"[\W_]", "", text.casefold())


def preformatted(page: str) -> list[tuple[str, str]]:
    found = re.findall(r"<pre([^>]*)>(.*?)</pre>", page, re.DOTALL)
    return [(names, html.unescape(re.sub(r"<[^>]+>", "", text))) for names, text in found]


def found_in(source: Source, kinds: str = "prompt answer") -> list[str]:
    return [
        source.text[one.start : one.end] for one in propose(source) if one.kind in kinds.split()
    ]


def test_every_text_of_the_article_is_found_as_written_and_nothing_around_it() -> None:
    source = read_html(ARTICLE.read_bytes())
    written = [text.rstrip("\n") for _, text in preformatted(ARTICLE.read_text())]

    found = found_in(source)

    assert len(written) == 23
    assert [text for text in written if text.rstrip() not in found] == []
    assert not re.search(r"newsletter|cookie|About us|Most read", source.text, re.IGNORECASE)


def test_sample_answers_of_the_article_are_told_apart_from_its_prompts() -> None:
    source = read_html(ARTICLE.read_bytes())
    written = {letters(text) for _, text in preformatted(ARTICLE.read_text())}

    fenced = [one for one in propose(source) if letters(text_of(source, one)) in written]

    kinds = [one.kind for one in fenced]
    assert (kinds.count("prompt"), kinds.count("answer")) == (8, 15)
    assert all(
        one.kind == "prompt"
        for one in fenced
        if re.match(r'"(Please|Generate|Create|Write)', text_of(source, one))
    )


def test_every_prompt_of_the_book_is_found_with_few_that_are_none() -> None:
    page = gzip.decompress(BOOK.read_bytes())
    source = read_html(page)
    wanted = {
        letters(text) for names, text in preformatted(page.decode()) if "prompt-code" in names
    }

    offered = found_in(source, "prompt")

    assert len(wanted) >= 385
    assert wanted - {letters(text) for text in offered} == set()
    false = [
        text for text in offered if text.startswith(FALSE_IN_BOOK) and letters(text) not in wanted
    ]
    assert len(false) == len(FALSE_IN_BOOK)
    assert len(false) / len(offered) < 0.05


def test_every_text_of_the_printed_article_is_found() -> None:
    source = read_pdf(PRINTED_ARTICLE.read_bytes())
    written = [letters(text) for _, text in preformatted(ARTICLE.read_text())]

    found = {letters(text) for text in found_in(source)}

    assert len(source.pages) == 7
    assert [text for text in written if text not in found] == []


def test_most_prompts_of_real_print_are_found() -> None:
    source = read_pdf(PRINTED_BOOK.read_bytes())
    page = gzip.decompress(BOOK.read_bytes()).decode()
    printed = letters(source.text)
    prompts = {letters(text) for names, text in preformatted(page) if "prompt-code" in names}
    there = {text for text in prompts if len(text) > 25 and text in printed}

    found = {letters(text) for text in found_in(source)}

    assert len(there) == 26
    assert len(there & found) >= 23


def test_a_page_of_a_pdf_begins_where_it_is_said_to() -> None:
    source = read_pdf(PRINTED_BOOK.read_bytes())

    assert len(source.pages) == 30
    assert source.text[source.pages[1] :].startswith("Weak Context\n")
    assert source.text[source.pages[9] :].startswith("You are a senior marketing")


def test_only_what_may_be_shipped_lies_with_the_tests() -> None:
    said = (DOCUMENTS / "README.md").read_text()
    rows = dict(re.findall(r"^\| (\S+\.\S+) \|.*\| (CC0-1\.0|MIT, .+?) \|$", said, re.MULTILINE))
    shipped = {path.name for path in DOCUMENTS.iterdir()} - {"README.md"}

    assert shipped == rows.keys()
    assert "Permission is hereby granted, free of charge" in said


def text_of(source: Source, one: Proposal) -> str:
    return source.text[one.start : one.end]
