"""Own what every embedder promises, and how a text is cut into pieces that fit one."""

import re
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

# A row per text, each of unit length.
Vectors = NDArray[np.float32]
Span = tuple[int, int]
PieceKind = Literal["title", "body"]

# In tokens of the embedder. The shipped model reads 256 with the title and two marks, so that a
# piece of 220 is whole. Source: measured on 1,040 prompts, docs/search.md.
PIECE_TOKENS: Final = 220
OVERLAP_TOKENS: Final = 40
TITLE_TOKENS: Final = 34
# What follows is found by its words only: about 11,500 tokens.
MAX_PIECES: Final = 64
# Han, kana and Hangul have a token per sign; elsewhere words of more than five letters have two.
_GUESSED_TOKEN: Final = re.compile(r"[\u3040-\u9fff\uac00-\ud7af]|\w{1,5}|[^\w\s]")


class Piece(NamedTuple):
    """One text to encode; the span is where it stands in the text that was cut, title apart."""

    kind: PieceKind
    position: int
    text: str
    span_start: int
    span_end: int


class Embedder(Protocol):
    """Turns texts into vectors; equal texts give equal vectors, whatever they are encoded with.

    `name` tells the model and its precision: vectors of different names are never compared.
    """

    @property
    def name(self) -> str:
        """The model and its precision, such as all-MiniLM-L6-v2/int8."""
        ...

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""
        ...

    def find_tokens(self, text: str) -> Sequence[Span]:
        """Return where each token starts and ends; it computes, so call it in a thread."""
        ...

    async def encode(self, texts: Sequence[str], *, is_patient: bool = False) -> Vectors:
        """Return one vector of unit length per text; a text too long for the model is cut.

        Work in bulk says that it `is_patient`, and gives way to everything else.

        Raises:
            Unavailable: the embedder does not answer, or with something else than vectors.
            Invalid: it refuses one of the texts.
        """
        ...

    async def close(self) -> None:
        """Give back what it holds."""
        ...


def cut(embedder: Embedder, title: str, text: str) -> list[Piece]:
    """Return the title and the pieces of the text, each with the title before it.

    It tokenises the whole text, so call it in a thread.
    """
    head = _shortened(title, embedder.find_tokens(title))
    pieces = [Piece("title", 0, head, 0, 0)]
    for position, (start, end) in enumerate(_windows(embedder.find_tokens(text))):
        pieces.append(Piece("body", position, f"{head}\n{text[start:end]}", start, end))
    return pieces


def _shortened(title: str, tokens: Sequence[Span]) -> str:
    return title if len(tokens) <= TITLE_TOKENS else title[: tokens[TITLE_TOKENS - 1][1]]


def _windows(tokens: Sequence[Span]) -> list[Span]:
    """Return the spans of overlapping runs of tokens; the last run is moved back to be full."""
    if len(tokens) <= PIECE_TOKENS:
        return [(tokens[0][0], tokens[-1][1])] if tokens else []
    step = PIECE_TOKENS - OVERLAP_TOKENS
    last = len(tokens) - PIECE_TOKENS
    starts = [*range(0, last, step), last][:MAX_PIECES]
    return [(tokens[at][0], tokens[at + PIECE_TOKENS - 1][1]) for at in starts]


def guess_tokens(text: str) -> list[Span]:
    """Return about where the tokens are, for models that do not show theirs."""
    return [found.span() for found in _GUESSED_TOKEN.finditer(text)]


def mean_of(vectors: Vectors) -> Vectors:
    """Return the unit-length mean of the rows: what stands for a whole text.

    The rows are those of its body pieces; a text without any is stood for by its title.
    """
    mean = vectors.mean(axis=0, dtype=np.float64)
    length = float(np.linalg.norm(mean))
    return (mean / length if length else mean).astype(np.float32)
