"""An embedder that needs no model: words that share letters are near. For tests of mechanics."""

import re
import zlib
from collections.abc import Sequence

import numpy as np

from core.embeddings.base import Span, Vectors

DIMENSIONS = 32


class HashingEmbedder:
    """Sums a vector for each run of three letters; equal texts have equal vectors."""

    dimensions = DIMENSIONS

    def __init__(self, name: str = "hashing/test") -> None:
        self.name = name

    def find_tokens(self, text: str) -> Sequence[Span]:
        return [found.span() for found in re.finditer(r"\S+", text)]

    async def encode(self, texts: Sequence[str], *, is_patient: bool = False) -> Vectors:
        _ = is_patient
        rows = [self._encode_one(text) for text in texts]
        return np.array(rows, np.float32).reshape(len(rows), DIMENSIONS)

    async def close(self) -> None:
        """Hold nothing."""

    def _encode_one(self, text: str) -> Vectors:
        vector = np.full(DIMENSIONS, 0.01, np.float32)
        folded = text.casefold()
        for start in range(max(len(folded) - 2, 1)):
            seed = zlib.crc32(folded[start : start + 3].encode())
            vector[seed % DIMENSIONS] += 1
        return vector / np.float32(np.linalg.norm(vector))
