"""Own the shapes of extraction: sources, the proposals in them, and what becomes of those."""

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from prompthub.wire.base import Answer, Id, Moment, Request
from prompthub.wire.literals import ProposalKind, SourceType
from prompthub.wire.versions import RequiredField

MAX_CHOSEN: Final = 100
MAX_URLS: Final = 100
MAX_DESCRIBED: Final = 40

CheckState = Literal["unchanged", "changed_elsewhere", "changed", "gone"]
SaveOutcome = Literal["created", "existing", "refused"]


class ExtractUrl(Request):
    """A page or PDF file to fetch."""

    application_id: Id
    url: Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


class ExtractText(Request):
    """A text that was pasted."""

    application_id: Id
    text: Annotated[str, StringConstraints(min_length=1)]
    title: Annotated[str, StringConstraints(max_length=300)] = ""


class ExtractBulk(Request):
    """Addresses of pages and PDF files to fetch, one after the other at each host."""

    application_id: Id
    urls: Annotated[
        list[Annotated[str, StringConstraints(min_length=1, max_length=2_000)]],
        Field(min_length=1, max_length=MAX_URLS),
    ]


class BulkStarted(Answer):
    """The job that fetches them: ask `/jobs/{job_id}` how far it is."""

    job_id: Id


class Span(Answer):
    """A stretch of the source's text in characters; `page` counts from 1, null without pages."""

    page: int | None
    start: int
    end: int


class Proposal(Answer):
    """A text that could be a prompt: `text` as found, `content` as the template it could become.

    Where a model described it, `described_by` names that, and name, description, tags, types and
    descriptions of the variables are its words.
    """

    text: str
    name: str
    kind: ProposalKind
    variables: list[str]
    span: Span
    confidence: float
    content: str
    required_fields: list[RequiredField]
    description: str
    tags: list[str]
    described_by: str | None


class Extraction(Answer):
    """A source and the proposals in it, in its order; an empty list when nothing was found."""

    source_id: Id
    application_id: Id
    source_type: SourceType
    source_url: str
    title: str
    extracted_by: str
    fetched_at: Moment
    proposals: list[Proposal]


class Source(Extraction):
    """The same with the text that was read, and where its pages begin."""

    text: str
    pages: list[int]


class ChosenProposal(Request):
    """A stretch that shall become a prompt; without `content` as the proposal says."""

    start: int
    end: int
    name: str
    prompt_id: str | None = None
    description: str = ""
    folder: str = ""
    tags: list[str] = []
    content: str | None = None


class SaveRequest(Request):
    """What to make drafts of."""

    proposals: Annotated[list[ChosenProposal], Field(min_length=1, max_length=MAX_CHOSEN)]


class SaveProblem(Answer):
    """Why a proposal was not saved, and what to do."""

    code: str
    message: str
    field: str
    remedy: str


class SavedProposal(Answer):
    """What became of a proposal; `existing` is one that was saved before."""

    position: int
    outcome: SaveOutcome
    prompt_id: str
    version: str
    problem: SaveProblem | None


class AskedSpan(Request):
    """A stretch of a source."""

    start: int
    end: int


class DescribeRequest(Request):
    """Which model to ask, and of which texts; without `spans` of the next prompts without words."""

    model: str | None = None
    spans: Annotated[list[AskedSpan], Field(min_length=1, max_length=MAX_DESCRIBED)] | None = None


class Described(Extraction):
    """The source with what the model said of so many texts; of what failed, `problems` tell.

    `left` prompts are still without words of a model.
    """

    described: int
    left: int
    problems: list[SaveProblem]


class SaveReport(Answer):
    """The outcome for each proposal, in the order of the request."""

    created: int
    existing: int
    refused: int
    items: list[SavedProposal]


class PromptSource(Answer):
    """Where a prompt was found; `check_state` is of the last look at the source."""

    id: Id
    source_id: Id
    source_type: SourceType
    source_url: str
    title: str
    spans: list[Span]
    version: str
    extracted_by: str
    created_at: Moment
    checked_at: Moment | None
    check_state: CheckState | None


class PromptSources(Answer):
    """All sources of a prompt, oldest first."""

    items: list[PromptSource]
