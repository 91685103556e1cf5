"""Several processes of the API: what one revokes no other serves, and all start and stop as one."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest
import uvloop

from core.api.__main__ import make_config
from core.api.workers import CANNOT_START, stop_with_parent
from core.database.connect import Database
from core.settings import Settings
from tests.api.people import Desk, Visitor, a_desk
from tests.journeys.own_app import OwnApp, own_app
from tests.places import eventually

API = "core.api"


class Two(NamedTuple):
    """Two processes on one database; what a desk asks for goes to the first one."""

    desk: Desk
    first: Visitor
    second: Visitor

    async def statuses(self, path: str, key: str) -> list[int]:
        """Return what an application gets from each."""
        return [(await one.keyed(key).get(path)).status_code for one in (self.first, self.second)]


@pytest.fixture
def environment(database: Database, mongo_uri: str) -> dict[str, str]:
    return {
        "PROMPTHUB_MONGO__URI": mongo_uri,
        "PROMPTHUB_MONGO__DATABASE": database.name,
        "PROMPTHUB_EMBEDDINGS__KIND": "off",
    }


@pytest.fixture
async def two(environment: dict[str, str], tmp_path: Path) -> AsyncGenerator[Two]:
    with (
        own_app(tmp_path, environment, program=API) as one,
        own_app(tmp_path, environment, program=API) as other,
    ):
        await asyncio.gather(asyncio.to_thread(one.start), asyncio.to_thread(other.start))
        async with AsyncExitStack() as stack:
            clients = [
                await stack.enter_async_context(httpx2.AsyncClient(base_url=app.url))
                for app in (one, other)
            ]
            first, second = map(Visitor, clients)
            yield Two(await a_desk(first), first, second)


async def test_all_processes_heed_what_one_changes(two: Two) -> None:
    await moves_are_served_within_a_second(two)
    await revocations_hold_at_once(two)


async def moves_are_served_within_a_second(two: Two) -> None:
    desk = two.desk
    key = desk.application.headers["X-API-Key"]
    shown = [f"{desk.versions}/{one}" for one in ("latest", "label:production")]

    for number in ("1.0.1", "1.0.2"):
        await desk.save(f"Greeting {number} for {{{{ name }}}}.")
        for path in shown:
            await two.statuses(path, key)  # both hold a lease of what was
        await desk.publish(number)
        label = {"version": number, "reason": "a test"}
        await desk.owner.put(f"{desk.prompt}/labels/production", label)
        await asyncio.sleep(1)

        for path in shown:
            answers = [await one.keyed(key).get(path) for one in (two.first, two.second)]
            assert [one.json()["version"] for one in answers] == [number, number]


async def revocations_hold_at_once(two: Two) -> None:
    desk, latest = two.desk, f"{two.desk.versions}/latest"
    key = desk.application.headers["X-API-Key"]
    application = f"/applications/{desk.application_id}"

    for _ in range(3):
        assert await two.statuses(latest, key) == [200, 200]
        renewed = await desk.owner.post(f"{application}/regenerate-key")
        assert await two.statuses(latest, key) == [401, 401]
        key = renewed.json()["api_key"]
    for path, refusal in ((desk.prompt, 404), (application, 401)):
        assert await two.statuses(latest, key) == [200, 200]
        await desk.owner.delete(path)
        assert await two.statuses(latest, key) == [refusal, refusal]
        await desk.owner.post(f"{path}/restore")
    assert await two.statuses(latest, key) == [200, 200]


def children_of(app: OwnApp) -> list[int]:
    assert app.process is not None
    listed = Path(f"/proc/{app.process.pid}/task/{app.process.pid}/children").read_text()
    return [int(pid) for pid in listed.split()]


async def test_several_processes_start_replace_the_dead_and_stop_as_one(
    environment: dict[str, str], tmp_path: Path
) -> None:
    several = {**environment, "PROMPTHUB_SERVER__WORKERS": "2"}
    with own_app(tmp_path, several, program=API) as app:
        await asyncio.to_thread(app.start)
        before = children_of(app)
        os.kill(before[0], signal.SIGKILL)
        assert await eventually(lambda: len(set(children_of(app)) - set(before)) == 1)
        served = await asyncio.to_thread(app.is_ready)
        after = children_of(app)

        ended = await asyncio.to_thread(app.stop)

    assert (len(before), len(after), served, ended.code) == (2, 2, True, 0)
    assert [pid for pid in after if is_running(pid)] == []


async def test_a_process_ends_with_its_parent() -> None:
    theirs, ours = os.pipe()
    asked = threading.Event()
    stop_with_parent(theirs, asked.set)

    before = asked.is_set()
    os.close(ours)

    assert not before
    assert await eventually(asked.is_set)
    os.close(theirs)


@pytest.mark.long
async def test_no_process_outlives_one_that_was_killed(
    environment: dict[str, str], tmp_path: Path
) -> None:
    several = {**environment, "PROMPTHUB_SERVER__WORKERS": "2"}
    with own_app(tmp_path, several, program=API) as app:
        await asyncio.to_thread(app.start)
        children = children_of(app)

        app.kill()

        assert await eventually(lambda: not any(is_running(pid) for pid in children))


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_processes_that_cannot_start_end_and_say_why(tmp_path: Path) -> None:
    wrong = {
        "PROMPTHUB_MONGO__URI": "mongodb://127.0.0.1:9/?directConnection=true",
        "PROMPTHUB_SERVER__WORKERS": "2",
    }
    with own_app(tmp_path, wrong, program=API) as app:
        process = app.launch()
        code = await asyncio.to_thread(process.wait, 60)

    assert code == CANNOT_START
    assert "MongoDB does not answer." in app.complaints


def test_processes_run_on_uvloop_because_asyncio_delays_those_that_share_a_port(
    settings: Settings,
) -> None:
    factory = make_config(settings).get_loop_factory()
    assert factory is not None

    loop = factory()

    assert isinstance(loop, uvloop.Loop)
    loop.close()
