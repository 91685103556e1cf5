"""Make `corpus/vectors.npz` by the shipped model: `python -m benchmarks.search.encode`."""

import asyncio

import numpy as np

from benchmarks.search.corpus_files import VECTORS, read_records
from core.embeddings.base import Vectors, cut
from core.embeddings.onnx import OnnxEmbedder


async def main() -> None:
    """Encode every prompt of the corpus and write the file."""
    embedder = await OnnxEmbedder.load()
    pieces: list[tuple[int, bool, int, int]] = []
    vectors: list[Vectors] = []
    for number, record in enumerate(read_records()):
        found = cut(embedder, record.name, record.body.content)
        vectors.append(await embedder.encode([piece.text for piece in found]))
        pieces += [
            (number, piece.kind == "title", piece.span_start, piece.span_end) for piece in found
        ]
    await embedder.close()
    np.savez_compressed(
        VECTORS,
        model=np.array(embedder.name),
        pieces=np.array(pieces, np.int32),
        vectors=np.concatenate(vectors).astype(np.float16),
    )
    print(f"{len(pieces):,} vectors by {embedder.name}")


if __name__ == "__main__":
    asyncio.run(main())
