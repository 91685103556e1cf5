"""Own extraction from many addresses at once: a background job that fetches politely."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlunsplit

from bson import ObjectId

from core.accounts.access import scope_of_user
from core.documents import Job, JobItem, User
from core.errors import AddressRefused, Invalid, NotAllowed
from core.extraction.fetch import parse_url
from core.extraction.propose import Proposal
from core.extraction.sources import Extractor, require_editor, take_page
from core.jobs.queue import start_job
from core.jobs.run import Act, Pace, Worker
from core.values.scope import Scope
from prompthub.wire.extraction import MAX_URLS
from prompthub.wire.literals import JobKind

KIND: Final[JobKind] = "extract_pages"
# More addresses that are none are not named one by one.
_NAMED: Final = 5


class PageResult(NamedTuple):
    """What came of an address: the source to review, and how much was found in it."""

    source_id: ObjectId
    title: str
    prompts: int
    answers: int


async def start_bulk(
    scope: Scope,
    application_id: ObjectId,
    urls: Sequence[str],
    *,
    idempotency_key: str | None = None,
) -> Job:
    """Put in a job that fetches up to 100 pages and files and finds the prompts in each.

    An address that is given twice is fetched once. Each becomes an item of the job, with the
    address as its subject; `result_of` tells what came of it. Nothing is saved as a prompt: that
    is for whoever reviews the sources. Under a key used before, the job of then is returned.

    Raises:
        NotFound, NotAllowed, Conflict: the application is not the caller's to write to, or too
            many of its jobs are not over yet.
        AddressRefused: some are no web addresses; the message names their places.
        Invalid: there are none or too many, or the key stands for another request.
    """
    await require_editor(scope, application_id)
    subjects = list(dict.fromkeys(_parsed([url.strip() for url in urls])))
    if not 1 <= len(subjects) <= MAX_URLS:
        raise Invalid(
            f"{len(subjects)} addresses are not taken at once.",
            field="urls",
            remedy=f"Give 1 to {MAX_URLS}.",
        )
    return await start_job(scope, application_id, KIND, subjects, idempotency_key=idempotency_key)


def _parsed(urls: Sequence[str]) -> list[str]:
    parsed: list[str] = []
    refused: dict[int, AddressRefused] = {}
    for at, url in enumerate(urls):
        try:
            parsed.append(urlunsplit(parse_url(url)))
        except AddressRefused as error:
            refused[at] = error
    if refused:
        first = next(iter(refused))
        places = ", ".join(str(at + 1) for at in list(refused)[:_NAMED])
        more = f" and {len(refused) - _NAMED} more" if len(refused) > _NAMED else ""
        raise AddressRefused(
            f"{refused[first].message} (Number {places}{more} of {len(urls)}.)",
            field=f"urls.{first}",
            remedy="Leave it out, or write it like https://example.org/page.",
        )
    return parsed


def result_of(item: JobItem) -> PageResult | None:
    """Return what came of an item of a bulk job, None while it is not done."""
    return PageResult(**item.result) if item.state == "done" else None


def bulk_worker(by: Extractor, pace: Pace | None = None) -> Worker:
    """Return what does bulk jobs, one at a time, at the pace of the settings."""

    async def extract(job: Job, item: JobItem) -> dict[str, Any]:
        return await _extract(job, item, by)

    acts: Mapping[JobKind, Act] = {KIND: extract}
    return Worker(acts, pace or Pace(at_once=by.settings.bulk_at_once))


async def _extract(job: Job, item: JobItem, by: Extractor) -> dict[str, Any]:
    """Take in one page with what whoever started the job may do now."""
    user = await User.find_first({"_id": job.user_id})
    if user is None or not user.is_active:
        raise NotAllowed("Who started this job has no account any more.")
    scope = await scope_of_user(user)
    source = await take_page(scope, job.application_id, item.subject, by, politely=True)
    kinds = Counter(Proposal(*row).kind for row in source.found)
    return PageResult(source.key, source.title, kinds["prompt"], kinds["answer"])._asdict()
