"""Own the default embedder: the shipped all-MiniLM-L6-v2 in eight bits, on ONNX Runtime."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.embeddings.base import Span, Vectors
from core.embeddings.threads import EncoderThreads

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# scripts/export_embedder.py makes the files.
FOLDER: Final = Path(__file__).parent / "all_minilm_l6_v2"
NAME: Final = "all-MiniLM-L6-v2/int8"
DIMENSIONS: Final = 384
# As the model was published (max_seq_length), marks included.
MAX_TOKENS: Final = 256
# A third thread would take the processor from requests and wins little on texts so short.
MOST_THREADS: Final = 2


class OnnxEmbedder:
    """The shipped model.

    The scale of its eight bits is that of all numbers of one call, padding included: a text
    encoded among 15 others has a cosine of .987 to itself alone. So each text is a call of its
    own, which is also 1.5 times as fast, because nothing is padded.
    """

    name = NAME
    dimensions = DIMENSIONS

    def __init__(self, session: Any, tokenizer: "Tokenizer", threads: EncoderThreads) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._threads = threads

    @classmethod
    async def load(cls) -> "OnnxEmbedder":
        """Read the model in a thread; its own threads inherit the low priority of that one."""
        threads = EncoderThreads()
        session, tokenizer = await threads.run_patiently(_load)
        return cls(session, tokenizer, threads)

    def find_tokens(self, text: str) -> Sequence[Span]:
        """Return where each token starts and ends; it computes, so call it in a thread."""
        return self._tokenizer.encode(_encodable(text), add_special_tokens=False).offsets

    async def encode(self, texts: Sequence[str], *, is_patient: bool = False) -> Vectors:
        """Return one vector per text; beyond `MAX_TOKENS` a text is cut."""
        return await self._threads.encode(
            self._encode_one, texts, dimensions=DIMENSIONS, is_patient=is_patient
        )

    async def close(self) -> None:
        """Let its threads end."""
        self._threads.close()

    def _encode_one(self, text: str) -> Vectors:
        tokens: list[int] = self._tokenizer.encode(_encodable(text)).ids
        if len(tokens) > MAX_TOKENS:
            tokens = [*tokens[: MAX_TOKENS - 1], tokens[-1]]
        ids = np.array([tokens], dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        return self._session.run(None, inputs)[0][0]


def _load() -> tuple[Any, "Tokenizer"]:
    import onnxruntime  # noqa: PLC0415 -- 60 MB that start-up must not wait for
    from tokenizers import Tokenizer  # noqa: PLC0415 -- as above

    runtime: Any = onnxruntime  # it ships no types
    options = runtime.SessionOptions()
    options.intra_op_num_threads = min(MOST_THREADS, os.cpu_count() or 1)
    options.inter_op_num_threads = 1
    # Threads that wait would burn a processor; an arena would keep the memory of the longest text.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    session = runtime.InferenceSession(
        FOLDER / "model.onnx", options, providers=["CPUExecutionProvider"]
    )
    tokenizer: Tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))  # pyright: ignore[reportUnknownMemberType] -- no stubs
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return session, tokenizer


def _encodable(text: str) -> str:
    """Return the text with a mark for each half of a surrogate pair, which has no UTF-8."""
    return text.encode("utf-8", "replace").decode()
