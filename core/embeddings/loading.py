"""Own the embedder of a process: loaded behind start-up, its state in words for people."""

from dataclasses import dataclass, field
from typing import Literal

from core.embeddings.base import Embedder

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
    def notice(self) -> str:
        """One sentence for people, empty when semantic search is complete."""
        match self.status:
            case "ready":
                return ""
            case "warming" if self.total:
                return f"Semantic search is warming up ({self.done:,} of {self.total:,})."
            case "warming":
                return "Semantic search is warming up."
            case _:
                why = f": {self.reason}" if self.reason else "."
                return f"Semantic search is off{why} {self.remedy}".rstrip()
