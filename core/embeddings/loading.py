"""Own the embedder of a process: loaded behind start-up, its state in words for people."""

from dataclasses import dataclass, field
from typing import Literal, assert_never

from core.embeddings import onnx, remote, sentence_transformers
from core.embeddings.base import Embedder
from core.embeddings.onnx import OnnxEmbedder
from core.embeddings.remote import RemoteEmbedder
from core.embeddings.sentence_transformers import SentenceTransformersEmbedder
from core.errors import NotConfigured, Unavailable
from core.settings import EmbeddingSettings

Status = Literal["off", "warming", "ready", "failed"]


@dataclass(slots=True)
class Embeddings:
    """What search asks: can queries be encoded, with which model, and is everything embedded?

    * `embedder` is None while none is loaded: then search goes by words alone. Otherwise search
      the chunks whose `embedding_model` is `embedder.name`, and no others. While a change of model
      is under way it is still the old one; it is replaced at once when all is embedded anew.
    * `status` is `warming` while the model loads, and while `done` of `total` versions have their
      vectors (an `embedder` may be there already); `failed` has a `reason` and a `remedy`.
    """

    status: Status = "off"
    embedder: Embedder | None = None
    done: int = 0
    total: int = 0
    reason: str = ""
    remedy: str = ""
    # What new vectors are made with; the same as `embedder` but in a change of model.
    target: Embedder | None = field(default=None, repr=False)

    @property
    def is_changing_model(self) -> bool:
        """Whether the vectors of another model serve until all are made anew."""
        return self.embedder is not None and self.embedder is not self.target

    def fail(self, error: NotConfigured | Unavailable) -> None:
        """Note why the embedder cannot be used; `core.search.embedding` asks it again."""
        self.status = "failed"
        self.reason = error.message
        self.remedy = error.remedy

    @property
    def notice(self) -> str:
        """One sentence for people, empty when semantic search is complete."""
        match self.status:
            case "ready":
                return ""
            case "warming" if self.is_changing_model:
                return (
                    f"Another model takes over ({self.done:,} of {self.total:,}); "
                    "until then the newest texts are found by their words."
                )
            case "warming" if self.total:
                return f"Semantic search is warming up ({self.done:,} of {self.total:,})."
            case "warming":
                return "Semantic search is warming up."
            case _:
                return " ".join(filter(None, ("Semantic search is off.", self.reason, self.remedy)))


async def load(settings: EmbeddingSettings) -> Embedder | None:
    """Return the embedder that the settings name, None where they switch it off.

    Raises:
        NotConfigured: a setting is missing or wrong, or an extra is not installed.
        Unavailable: the server for embeddings does not answer.
    """
    match settings.kind:
        case "off":
            return None
        case "onnx":
            return await OnnxEmbedder.load()
        case "sentence-transformers":
            if not settings.model:
                raise NotConfigured(
                    "The model for embeddings is not named.",
                    setting="PROMPTHUB_EMBEDDINGS__MODEL",
                    remedy="Set PROMPTHUB_EMBEDDINGS__MODEL, such as all-MiniLM-L6-v2.",
                )
            return await SentenceTransformersEmbedder.load(settings.model)
        case "remote":
            return await RemoteEmbedder.load(settings)
        case _:
            assert_never(settings.kind)


async def load_former(settings: EmbeddingSettings, name: str) -> Embedder | None:
    """Return the embedder that made the vectors of `name`, None where it cannot be had any more."""
    try:
        embedder = await _load_named(settings, name)
    except (NotConfigured, Unavailable):
        return None
    if embedder is not None and embedder.name != name:
        await embedder.close()
        return None
    return embedder


async def _load_named(settings: EmbeddingSettings, name: str) -> Embedder | None:
    if name == onnx.NAME:
        return await OnnxEmbedder.load()
    if model := sentence_transformers.model_of(name):
        return await SentenceTransformersEmbedder.load(model, is_local=True)
    if former := remote.settings_of(name, settings):
        return await RemoteEmbedder.load(former)
    return None
