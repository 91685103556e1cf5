"""Own the shapes of search: what is asked, what was found and why, and near-duplicates."""

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from prompthub.wire.base import Answer, Id, Request
from prompthub.wire.literals import Likeness, PromptState, SearchMode

MAX_QUERY: Final = 500
MAX_HITS: Final = 100
QueryText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_QUERY)
]


class SemanticSearch(Request):
    """A search by meaning and words; filters are those of the list of prompts."""

    query: QueryText
    limit: int = Field(default=20, ge=1, le=MAX_HITS)
    application_id: Id | None = None
    tags: list[str] = []
    folder: str | None = None
    state: PromptState | None = None
    label: str | None = None
    all_versions: bool = False


class SearchHit(Answer):
    """A version found, null for a prompt that has none yet.

    `matches` are the words of the query as the name, the passage, the id, the folder or a tag
    write them.

    `score` orders the hits of one search and means nothing beyond it.
    """

    prompt_id: str
    application_id: Id
    version: str | None
    name: str
    score: float
    passage: str
    matches: list[str]


class SearchResults(Answer):
    """Hits, best first; `mode` lexical means by words only, and `notice` says why."""

    items: list[SearchHit]
    mode: SearchMode
    notice: str


class Neighbour(Answer):
    """A version that says the same as another, or nearly.

    `cosine` is how near the meanings are (null where no vectors are), `overlap` the share of runs
    of three words that both texts hold.
    """

    prompt_id: str
    application_id: Id
    version: str
    name: str
    kind: Likeness
    cosine: float | None
    overlap: float


class Neighbours(Answer):
    """Neighbours: those of the same text first, then the nearest; `notice` as in a search."""

    items: list[Neighbour]
    notice: str


class Cluster(Answer):
    """Prompts that say the same, or similar things; members are compared with the first."""

    kind: Likeness
    members: list[Neighbour]


class Duplicates(Answer):
    """Clusters, those of the same text first; `notice` says what could not be compared."""

    items: list[Cluster]
    notice: str
