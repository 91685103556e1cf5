"""Many addresses over REST: put in once, watched, called off, and described by a model."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from core.settings import ExtractionSettings, Settings
from tests.api.people import Desk, Visitor, a_desk
from tests.core.extraction.page_server import PageServer, page, serving

ARTICLE = b"<title>Tides</title><main><p>Prompt:</p><pre>Explain tides to {{reader}}.</pre></main>"


@pytest.fixture
async def pages() -> AsyncGenerator[PageServer]:
    async with serving({"/tides": page(ARTICLE), "/hang": "hang"}) as server:
        yield server


@pytest.fixture
def settings(settings: Settings, pages: PageServer) -> Settings:
    chosen = ExtractionSettings(allowed_origins=(pages.origin,), host_delay_seconds=0)
    return settings.model_copy(update={"extraction": chosen})


@pytest.fixture
async def desk(visitor: Visitor) -> Desk:
    return await a_desk(visitor)


def many(desk: Desk, *urls: str) -> dict[str, Any]:
    return {"application_id": desk.application_id, "urls": list(urls)}


async def the_job_when(desk: Desk, job: str, *statuses: str) -> dict[str, Any]:
    async with asyncio.timeout(30):
        while (found := (await desk.owner.get(job)).json())["status"] not in statuses:  # noqa: ASYNC110 - a server is asked
            await asyncio.sleep(0.05)
    return found


async def test_pages_are_fetched_in_the_background_and_reviewed_one_by_one(
    desk: Desk, pages: PageServer
) -> None:
    body = many(desk, f"{pages.origin}/tides", f"{pages.origin}/none")
    key = {"Idempotency-Key": "once"}

    started = await desk.owner.post("/extract/bulk", body, headers=key)
    again = await desk.owner.post("/extract/bulk", body, headers=key)
    other = await desk.owner.post("/extract/bulk", many(desk, "http://a.org"), headers=key)

    path = f"/jobs/{started.json()['job_id']}"
    assert (started.status_code, started.headers["location"]) == (202, f"/api/v1{path}")
    assert again.json() == started.json()
    assert (other.status_code, other.json()["field"]) == (422, "Idempotency-Key")
    job = await the_job_when(desk, path, "done")
    assert (job["total"], job["done"], job["failed"]) == (2, 1, 1)
    tides, none = job["items"]
    assert (tides["title"], tides["prompts"], tides["state"]) == ("Tides", 1, "done")
    assert (none["problem"]["code"], none["source_id"]) == ("fetch_failed", None)
    source = (await desk.owner.get(f"/extract/{tides['source_id']}")).json()
    assert source["proposals"][0]["variables"] == ["reader"]
    listed = (await desk.owner.get("/jobs")).json()
    assert [one["id"] for one in listed["items"]] == [job["id"]]
    assert "items" not in listed["items"][0]


async def test_a_job_is_called_off_and_stays_so(desk: Desk, pages: PageServer) -> None:
    body = many(desk, f"{pages.origin}/hang")
    path = f"/jobs/{(await desk.owner.post('/extract/bulk', body)).json()['job_id']}"
    await the_job_when(desk, path, "running")

    cancelled = (await desk.owner.post(f"{path}/cancel")).json()
    again = (await desk.owner.post(f"{path}/cancel")).json()

    assert (cancelled["status"], cancelled["items"][0]["state"]) == ("cancelled", "cancelled")
    assert again == cancelled == (await desk.owner.get(path)).json()


async def test_addresses_that_are_none_are_refused_by_their_place(desk: Desk) -> None:
    answer = await desk.owner.post("/extract/bulk", many(desk, "http://a.org", "ftp://b.org"))

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "address_refused")
    assert problem["field"] == "urls.1"
    too_many = many(desk, *(f"http://a.org/{n}" for n in range(101)))
    assert (await desk.owner.post("/extract/bulk", too_many)).status_code == 422
    assert (await desk.owner.get("/jobs")).json()["total"] == 0


async def test_others_see_no_job(desk: Desk, visitor: Visitor) -> None:
    body = many(desk, "http://127.0.0.1:9/")
    path = f"/jobs/{(await desk.owner.post('/extract/bulk', body)).json()['job_id']}"
    stranger = await visitor.signed_up("eve@example.org")

    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.post(f"{path}/cancel")).status_code == 404
    assert (await stranger.get("/jobs")).json()["total"] == 0
    query = f"?application_id={desk.application_id}"
    assert (await stranger.get(f"/jobs{query}")).status_code == 404
    assert (await desk.application.get("/jobs")).status_code == 403


async def test_a_model_that_says_nothing_usable_leaves_the_proposals(desk: Desk) -> None:
    pasted = {"application_id": desk.application_id, "text": "> Act as a cook for one."}
    found = (await desk.owner.post("/extract/text", pasted)).json()

    path = f"/extract/{found['source_id']}/describe"
    answer = await desk.owner.post(path, {"model": "demo/echo"})

    said = answer.json()
    assert (answer.status_code, said["described"], said["left"]) == (200, 0, 1)
    assert said["problems"][0]["code"] == "proposal_unusable"
    assert said["proposals"] == found["proposals"]
    assert said["proposals"][0]["described_by"] is None
    assert (await desk.owner.post(path, {"model": "nobody/x"})).status_code == 422
    assert (await desk.owner.post(path, {"spans": [{"start": 9, "end": 9}]})).status_code == 422
