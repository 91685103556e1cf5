import asyncio
import gc
import os
import random
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pymongo.errors import PyMongoError

from core.database import embedded
from core.database.connect import Database
from core.database.embedded.folder import ServerFolder
from core.database.open import opened
from core.database.outage import find_outage
from core.settings import MongoSettings

MONGO = MongoSettings()
VISITOR = Path(__file__).with_name("visitor.py")
Process = asyncio.subprocess.Process


@asynccontextmanager
async def visiting(data_dir: Path, name: str) -> AsyncGenerator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(VISITOR),
        str(data_dir),
        name,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def is_ready(process: Process) -> bool:
    assert process.stdout is not None
    return await process.stdout.readline() == b"ready\n"


async def leave(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    assert await process.wait() == 0


def kill(pid: int | None) -> None:
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


async def test_two_that_start_at_once_share_one_server_and_the_last_stops_it(
    data_dir: Path,
) -> None:
    async with visiting(data_dir, "a") as first, visiting(data_dir, "b") as second:
        assert await asyncio.gather(is_ready(first), is_ready(second)) == [True, True]
        pid = embedded.status(data_dir).pid

        await leave(first)
        shared = embedded.status(data_dir)
        await leave(second)

    assert pid is not None
    assert shared == embedded.ServerStatus(pid, shared.port, is_in_use=True)
    assert embedded.status(data_dir).pid is None


async def test_the_server_of_a_killed_process_is_adopted(data_dir: Path) -> None:
    async with visiting(data_dir, "killed") as process:
        assert await is_ready(process)
        process.kill()
        await process.wait()
    left = embedded.status(data_dir)

    async with opened(MONGO, data_dir) as database:
        adopted = embedded.status(data_dir)
        assert await database["visits"].count_documents({"name": "killed"}) == 1

    assert left.pid is not None
    assert not left.is_in_use
    assert adopted.pid == left.pid
    assert embedded.status(data_dir).pid is None


async def test_the_server_left_by_a_killed_process_is_stopped_by_command(data_dir: Path) -> None:
    async with visiting(data_dir, "killed") as process:
        assert await is_ready(process)
        process.kill()
        await process.wait()

    assert embedded.stop(data_dir) is True

    assert embedded.status(data_dir).pid is None


# PyMongo 4.20 leaves a socket open when its monitor is cancelled while it connects again.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_killed_server_comes_back_under_an_open_database(data_dir: Path) -> None:
    async with opened(MONGO, data_dir) as database:
        await database["kept"].insert_one({"_id": 1})
        before = embedded.status(data_dir)

        kill(before.pid)
        await wait_for_another(data_dir, before.pid)

        assert await found_when_ready(database)
        assert embedded.status(data_dir).port == before.port
    gc.collect()


async def found_when_ready(database: Database) -> object:
    """Read what was kept; while the server comes up, callers are told that it is away."""
    while True:
        try:
            return await database["kept"].find_one({"_id": 1})
        except PyMongoError as error:
            if find_outage(error) is None:
                raise
            await asyncio.sleep(0.1)


async def wait_for_another(data_dir: Path, pid: int | None) -> None:
    while ServerFolder.of(data_dir).find_pid() in {None, pid}:  # noqa: ASYNC110 - another process, which sets no event
        await asyncio.sleep(0.1)


async def test_a_server_killed_together_with_its_user_starts_with_the_data(data_dir: Path) -> None:
    async with visiting(data_dir, "killed") as process:
        assert await is_ready(process)
        process.kill()
        kill(embedded.status(data_dir).pid)
        await process.wait()

    async with opened(MONGO, data_dir) as database:
        assert await database["visits"].count_documents({"name": "killed"}) == 1


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_a_first_start_killed_anywhere_is_completed_by_the_next(tmp_path: Path) -> None:
    chance = random.Random(7)
    for round_number in range(15):
        data_dir = tmp_path / str(round_number)
        async with visiting(data_dir, "cut") as process:
            await asyncio.sleep(0.3 + chance.random() * 0.9)
            process.kill()
            if (pid := embedded.status(data_dir).pid) is not None:
                kill(pid)
            await process.wait()

        async with opened(MONGO, data_dir) as database:
            await database["kept"].insert_one({"_id": 1})


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_many_that_come_and_go_never_lose_the_server_they_use(data_dir: Path) -> None:
    chance = random.Random(11)

    async def come_and_go(name: str) -> None:
        for _ in range(4):
            await asyncio.sleep(chance.random())
            async with visiting(data_dir, name) as process:
                assert await is_ready(process)
                await asyncio.sleep(chance.random())
                await leave(process)

    await asyncio.gather(*(come_and_go(str(number)) for number in range(4)))

    assert embedded.status(data_dir).pid is None
    async with opened(MONGO, data_dir) as database:
        assert await database["visits"].count_documents({}) == 16
