"""Own the stored form of a vector: BSON's binary vector of float32, as `$vectorSearch` reads it."""

import numpy as np
from bson.binary import Binary, BinaryVectorDtype

from core.embeddings.base import Vectors

# The type and the padding of a binary vector stand before its numbers. Source: BSON subtype 9.
_HEAD_BYTES = 2


def to_stored(vector: Vectors) -> Binary:
    """Return one vector as it is stored."""
    return Binary.from_vector(vector.astype(np.float32, copy=False), BinaryVectorDtype.FLOAT32)


def from_stored(stored: bytes) -> Vectors:
    """Return one stored vector; it is read-only and costs no copy."""
    return np.frombuffer(stored, dtype="<f4", offset=_HEAD_BYTES)
