import asyncio
import os
import socket
import stat
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from core.database import embedded
from core.database.embedded.binary import find_mongod
from core.database.embedded.folder import ServerFolder
from core.database.embedded.launch import HOST, launch, terminate
from core.database.open import opened
from core.documents import Prompt
from core.errors import Conflict, NotConfigured
from core.settings import MongoSettings

MONGO = MongoSettings()
Client = MongoClient[dict[str, Any]]


async def test_a_folder_is_private_and_nobody_writes_without_its_password(data_dir: Path) -> None:
    server = await embedded.start(MONGO, data_dir)

    with Client(HOST, server.port, directConnection=True) as stranger:
        with pytest.raises(OperationFailure) as refused:
            stranger["prompthub"]["prompts"].insert_one({})
        with pytest.raises(OperationFailure):
            stranger["admin"].command("createUser", "me", pwd="me", roles=["root"])

    assert refused.value.code == 13
    assert stat.S_IMODE((data_dir / "mongo").stat().st_mode) == 0o700
    assert stat.S_IMODE((data_dir / "secrets" / "mongo-password").stat().st_mode) == 0o600
    assert stat.S_IMODE((data_dir / "secrets" / "mongo-key").stat().st_mode) == 0o600
    await embedded.release(server)


async def test_data_are_there_again_after_a_stop(data_dir: Path) -> None:
    async with opened(MONGO, data_dir) as database:
        await database["kept"].insert_one({"_id": 1})
    stopped = embedded.status(data_dir)

    async with opened(MONGO, data_dir) as database:
        assert await database["kept"].find_one({"_id": 1})
        assert await Prompt.find({}).count() == 0
    assert stopped.pid is None


async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def test_a_taken_port_is_left_for_another_with_the_data(data_dir: Path) -> None:
    async with opened(MONGO, data_dir) as database:
        await database["kept"].insert_one({"_id": 1})
    old = ServerFolder.of(data_dir).find_port()
    assert old is not None

    taken = await asyncio.start_server(hang_up, HOST, old)
    async with taken, opened(MONGO, data_dir) as database:
        assert await database["kept"].find_one({"_id": 1})
        await database["kept"].insert_one({"_id": 2})

    assert ServerFolder.of(data_dir).find_port() != old


async def test_a_port_asked_for_that_is_taken_is_named(data_dir: Path) -> None:
    with socket.create_server((HOST, 0)) as taken:
        mongo = MongoSettings(port=taken.getsockname()[1])

        with pytest.raises(NotConfigured) as caught:
            await embedded.start(mongo, data_dir)

    assert caught.value.setting == "PROMPTHUB_MONGO__PORT"
    assert not embedded.status(data_dir).is_in_use


@pytest.mark.parametrize("is_moved", [False, True])
async def test_a_first_start_cut_off_before_the_user_is_completed(
    data_dir: Path, *, is_moved: bool
) -> None:
    folder = ServerFolder.of(data_dir)
    folder.prepare()
    port = launch(find_mongod(None).path, folder, MONGO)
    with Client(HOST, port, directConnection=True) as client:
        config = {"_id": "rs0", "members": [{"_id": 0, "host": f"{HOST}:{port}"}]}
        client["admin"].command("replSetInitiate", config)
    if is_moved:
        terminate(folder)
        folder.keep_port(port + 1)

    async with opened(MONGO, data_dir) as database:
        await database["kept"].insert_one({"_id": 1})

    assert folder.find_pid() is None


async def test_a_stale_lock_file_with_a_living_process_id_misleads_nobody(data_dir: Path) -> None:
    folder = ServerFolder.of(data_dir)
    folder.prepare()
    (folder.database / "mongod.lock").write_text(f"{os.getpid()}\n")

    server = await embedded.start(MONGO, data_dir)

    assert folder.find_pid() not in {None, os.getpid()}
    await embedded.release(server)
    assert folder.find_pid() is None


async def test_a_lost_password_is_told_and_no_data_are_touched(data_dir: Path) -> None:
    async with opened(MONGO, data_dir) as database:
        await database["kept"].insert_one({"_id": 1})
    password = data_dir / "secrets" / "mongo-password"
    right = password.read_text()
    password.unlink()

    with pytest.raises(NotConfigured, match="password"):
        await embedded.start(MONGO, data_dir)
    password.write_text(right)

    async with opened(MONGO, data_dir) as database:
        assert await database["kept"].find_one({"_id": 1})


async def test_a_cancelled_start_leaves_no_server_and_no_user(data_dir: Path) -> None:
    starting = asyncio.create_task(embedded.start(MONGO, data_dir))
    await asyncio.sleep(0.2)

    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting

    assert embedded.status(data_dir).pid is None
    assert not embedded.status(data_dir).is_in_use


async def test_a_server_in_use_is_not_stopped_by_command(data_dir: Path) -> None:
    server = await embedded.start(MONGO, data_dir)

    with pytest.raises(Conflict):
        embedded.stop(data_dir)

    assert not embedded.is_shared(server)
    await embedded.release(server)
    assert embedded.stop(data_dir) is False
