"""Own the embedder of the extra: any model of sentence-transformers, in 32 bits on torch."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from core.embeddings.base import Span, Vectors, guess_tokens
from core.embeddings.threads import EncoderThreads
from core.errors import NotConfigured

PREFIX: Final = "sentence-transformers/"
SUFFIX: Final = "/fp32"


class SentenceTransformersEmbedder:
    """A model of sentence-transformers, named or in a folder."""

    def __init__(self, model_name: str, model: Any, threads: EncoderThreads) -> None:
        self.name = f"{PREFIX}{_shown(model_name)}{SUFFIX}"
        self.dimensions = int(model.get_embedding_dimension())
        self._model = model
        self._tokenizer: Any = model.tokenizer
        self._threads = threads

    @classmethod
    async def load(
        cls, model_name: str, *, is_local: bool = False
    ) -> "SentenceTransformersEmbedder":
        """Load the model in a thread; unless it `is_local`, it may be downloaded.

        Raises:
            NotConfigured: the extra is not installed, or there is no such model.
        """
        threads = EncoderThreads()
        try:
            model = await threads.run_patiently(lambda: _load(model_name, is_local=is_local))
        except NotConfigured:
            threads.close()
            raise
        return cls(model_name, model, threads)

    def find_tokens(self, text: str) -> Sequence[Span]:
        """Return where each token starts and ends; it computes, so call it in a thread."""
        if not getattr(self._tokenizer, "is_fast", False):
            return guess_tokens(text)
        found: Any = self._tokenizer(
            text, add_special_tokens=False, return_offsets_mapping=True, verbose=False
        )
        return found["offset_mapping"]

    async def encode(self, texts: Sequence[str], *, is_patient: bool = False) -> Vectors:
        """Return one vector per text; what is too long for the model is cut."""
        return await self._threads.encode(
            self._encode_one, texts, dimensions=self.dimensions, is_patient=is_patient
        )

    async def close(self) -> None:
        """Let its threads end."""
        self._threads.close()

    def _encode_one(self, text: str) -> Vectors:
        return self._model.encode(text, normalize_embeddings=True, show_progress_bar=False)


def _load(model_name: str, *, is_local: bool) -> Any:
    try:
        library: Any = import_module("sentence_transformers")  # at first use: seconds, 500 MB
    except ImportError as error:
        raise NotConfigured(
            "The extra sentence-transformers is not installed.",
            setting="PROMPTHUB_EMBEDDINGS__KIND",
            remedy="Install it: pip install 'prompthub[sentence-transformers]'",
        ) from error
    try:
        return library.SentenceTransformer(model_name, local_files_only=is_local)
    except Exception as error:  # the libraries below raise what they like
        raise NotConfigured(
            f"sentence-transformers cannot load the model {_shown(model_name)}.",
            setting="PROMPTHUB_EMBEDDINGS__MODEL",
            remedy="Correct its name, or give the folder it is in.",
        ) from error


def model_of(name: str) -> str | None:
    """Return the model behind the name of an embedder, None where it is none of these."""
    if name.startswith(PREFIX) and name.endswith(SUFFIX):
        return name[len(PREFIX) : -len(SUFFIX)]
    return None


def _shown(model_name: str) -> str:
    """Return the name of a model without the folders it lies in."""
    return Path(model_name).name if Path(model_name).is_dir() else model_name
