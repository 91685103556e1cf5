"""Many pages are fetched in the background: in turn, as robots.txt asks, and nothing inside."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from core.accounts.access import scope_of_user
from core.documents import Job, SourceText, User
from core.errors import AddressRefused, Conflict, Invalid, NotAllowed
from core.execution.erasure import erase_user
from core.extraction.bulk import bulk_worker, result_of, start_bulk
from core.extraction.sources import Extractor
from core.jobs.queue import get_job
from core.jobs.run import Pace
from core.settings import ExtractionSettings
from core.values.scope import SYSTEM
from tests.builders import a_scope, a_user, an_application
from tests.core.extraction.page_server import PageServer, moved, page, serving
from tests.core.extraction.test_fetch import LOOPBACK

pytestmark = pytest.mark.usefixtures("database")

ARTICLE = b"<title>%s</title><main><p>Prompt:</p><pre>Explain %s to {{reader}}.</pre></main>"
ROBOTS = b"User-agent: *\nDisallow: /private\n"


@pytest.fixture
async def pages() -> AsyncGenerator[PageServer]:
    answers: dict[str, bytes | str] = {
        "/robots.txt": page(ROBOTS, "text/plain"),
        "/tides": page(ARTICLE % (b"Tides", b"tides")),
        "/moons": page(ARTICLE % (b"Moons", b"moons")),
        "/private/x": page(ARTICLE % (b"Private", b"secrets")),
        "/moved": moved("/private/x"),
    }
    async with serving(answers) as server:
        yield server


def extractor(*allowed: str, **settings: float) -> Extractor:
    chosen = {"allowed_origins": allowed, "host_delay_seconds": 0, "fetch_seconds": 5, **settings}
    return Extractor(ExtractionSettings.model_validate(chosen))


async def run_bulk(user: User, urls: list[str], by: Extractor) -> Job:
    application = await an_application(user)
    job = await start_bulk(await scope_of_user(user), application.key, urls)
    assert await bulk_worker(by, Pace(back_off_seconds=(0,))).run_next() == 1
    return await get_job(SYSTEM, job.key)


def problems(job: Job) -> list[str]:
    return [item.problem.code if item.problem else "" for item in job.items]


async def test_each_page_becomes_a_source_and_one_that_fails_is_told_of(pages: PageServer) -> None:
    origin = pages.origin
    urls = [f"{origin}/tides", f"{origin}/none", f"{origin}/moons", f" {origin}/tides "]

    job = await run_bulk(await a_user(), urls, extractor(origin))

    assert [item.subject for item in job.items] == urls[:3]
    assert (job.status, job.done, job.failed) == ("done", 2, 1)
    assert problems(job) == ["", "fetch_failed", ""]
    found = [result_of(item) for item in job.items]
    assert [one and one.title for one in found] == ["Tides", None, "Moons"]
    assert found[0] is not None
    assert (found[0].prompts, found[0].answers) == (1, 0)
    source = await SourceText.find_first({"_id": found[0].source_id})
    assert source is not None
    assert source.application_id == job.application_id


async def test_what_robots_txt_disallows_is_left_out_also_behind_a_redirect(
    pages: PageServer,
) -> None:
    urls = [f"{pages.origin}/{path}" for path in ("private/x", "moved", "tides")]

    job = await run_bulk(await a_user(), urls, extractor(pages.origin))

    assert problems(job) == ["address_refused", "address_refused", ""]
    assert job.items[0].problem is not None
    assert "robots.txt" in job.items[0].problem.message
    asked = [head.split(" ")[1] for head in pages.asked]
    assert sorted(asked) == ["/moved", "/robots.txt", "/tides"]


async def test_an_operator_may_leave_robots_txt_aside(pages: PageServer) -> None:
    by = extractor(pages.origin, respect_robots=False)

    job = await run_bulk(await a_user(), [f"{pages.origin}/private/x"], by)

    assert (job.status, len(pages.asked)) == ("done", 1)


async def test_nothing_inside_is_dialled_however_it_is_written(pages: PageServer) -> None:
    urls = [f"http://{host}:{pages.port}/" for host in LOOPBACK if "@" not in host]

    job = await run_bulk(await a_user(), urls, extractor())

    assert (job.status, job.done) == ("failed", 0)
    assert pages.asked == []


async def test_the_work_is_done_with_what_its_owner_may_do_then(pages: PageServer) -> None:
    owner, member = await a_user(), await a_user("max@example.org")
    application = await an_application(owner, members=[{"user_id": member.key, "role": "editor"}])
    scope = await scope_of_user(member)
    jobs = [await start_bulk(scope, application.key, [f"{pages.origin}/{n}"]) for n in "ab"]
    worker = bulk_worker(extractor(pages.origin))

    application.members[0].role = "viewer"
    await application.save()
    await worker.run_next()
    await User.change_one({"_id": member.key}, {"is_active": False})
    await worker.run_next()

    after = [await get_job(SYSTEM, job.key) for job in jobs]
    assert [problems(job) for job in after] == [["not_allowed"], ["not_allowed"]]
    assert pages.asked == []


async def test_who_waits_for_a_page_is_not_behind_those_of_jobs(pages: PageServer) -> None:
    by = extractor(pages.origin)
    order: list[str] = []
    begun = asyncio.Event()

    async def read(who: str) -> None:
        await by.read_page(f"{pages.origin}/tides", politely=who == "job")
        order.append(who)
        begun.set()

    jobs = [asyncio.create_task(read("job")) for _ in range(5)]
    await begun.wait()
    await asyncio.gather(read("person"), *jobs)

    assert order.index("person") < 4


async def test_who_is_erased_leaves_no_job(pages: PageServer) -> None:
    user, other = await a_user(), await a_user("max@example.org")
    await run_bulk(user, [f"{pages.origin}/tides"], extractor(pages.origin))
    kept = await run_bulk(other, [f"{pages.origin}/moons"], extractor(pages.origin))

    await erase_user(SYSTEM, user.key)

    assert [job.key for job in await Job.find_all().to_list()] == [kept.key]


async def test_addresses_that_are_none_are_named_by_their_places() -> None:
    application = await an_application()
    scope = a_scope("editor", application.key)

    with pytest.raises(AddressRefused, match=r"Number 2, 4 of 4") as refused:
        await start_bulk(scope, application.key, ["http://a.org", "b", "http://c.org", "file:///d"])
    with pytest.raises(Invalid, match="101"):
        await start_bulk(scope, application.key, [f"http://a.org/{n}" for n in range(101)])

    assert refused.value.field == "urls.1"
    assert await Job.collection().count_documents({}) == 0


async def test_nothing_is_started_by_viewers_or_in_an_application_out_of_service() -> None:
    application = await an_application(is_active=False)

    with pytest.raises(NotAllowed):
        await start_bulk(a_scope("viewer", application.key), application.key, ["http://a.org"])
    with pytest.raises(Conflict):
        await start_bulk(a_scope("editor", application.key), application.key, ["http://a.org"])
