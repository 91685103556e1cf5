"""Texts are cut into pieces that overlap, fit the model and cover everything."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.embeddings.base import (
    MAX_PIECES,
    OVERLAP_TOKENS,
    PIECE_TOKENS,
    TITLE_TOKENS,
    Span,
    Vectors,
    cut,
    guess_tokens,
    mean_of,
)


class Splitter:
    """An embedder that takes every guessed token for one of its own, and encodes nothing."""

    name = "splitter"
    dimensions = 1

    def find_tokens(self, text: str) -> Sequence[Span]:
        return guess_tokens(text)

    async def encode(self, texts: Sequence[str], *, is_patient: bool = False) -> Vectors:
        del is_patient
        return np.ones((len(texts), 1), dtype=np.float32)

    async def close(self) -> None:
        """Nothing is held."""


def words(count: int) -> str:
    return " ".join(f"w{at:04}" for at in range(count))


def test_a_short_text_is_its_title_and_one_piece_under_it() -> None:
    pieces = cut(Splitter(), "Greeting", "  Say hello to {{ name }}.\n")

    assert [(piece.kind, piece.position, piece.text) for piece in pieces] == [
        ("title", 0, "Greeting"),
        ("body", 0, "Greeting\nSay hello to {{ name }}."),
    ]


def test_a_text_without_a_word_has_its_title_alone() -> None:
    assert [piece.kind for piece in cut(Splitter(), "Greeting", " \n ")] == ["title"]


@given(st.integers(1, PIECE_TOKENS * 5))
def test_pieces_are_full_overlap_and_leave_nothing_out(count: int) -> None:
    text = words(count)

    _, *body = cut(Splitter(), "Title", text)

    assert [piece.position for piece in body] == list(range(len(body)))
    assert body[0].span_start == 0
    assert body[-1].span_end == len(text)
    for piece in body:
        tokens = text[piece.span_start : piece.span_end].split()
        assert len(tokens) == min(count, PIECE_TOKENS)
        assert piece.text == f"Title\n{' '.join(tokens)}"
    for one, other in pairwise(body):
        shared = text[other.span_start : one.span_end].split()
        assert len(shared) >= OVERLAP_TOKENS


def test_an_endless_text_has_a_bounded_number_of_pieces() -> None:
    _, *body = cut(Splitter(), "Title", words(100_000))

    assert len(body) == MAX_PIECES


def test_a_long_title_leaves_room_for_the_text() -> None:
    title, body = cut(Splitter(), words(100), "Text")

    assert title.text.split() == words(TITLE_TOKENS).split()
    assert body.text == f"{title.text}\nText"


def test_signs_of_scripts_without_spaces_are_tokens_each() -> None:
    assert len(guess_tokens("日本語の文章")) == 6
    assert len(guess_tokens("한국어")) == 3
    assert [("hello, world!"[a:b]) for a, b in guess_tokens("hello, world!")] == [
        "hello", ",", "world", "!",
    ]  # fmt: skip


def test_the_mean_has_length_one_also_of_opposites() -> None:
    same = np.array([[0.6, 0.8], [0.8, 0.6]], dtype=np.float32)
    opposite = np.array([[1.0, 0.0], [-1.0, 0.0]], dtype=np.float32)

    assert np.allclose(mean_of(same), 0.5**0.5)
    assert mean_of(opposite).tolist() == [0, 0]
