"""Own the sharing of one server by all processes of a data folder: start, adopt, release, stop."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from pydantic import SecretStr

from core.database.embedded.binary import find_mongod
from core.database.embedded.folder import ServerFolder
from core.database.embedded.launch import HOST, launch, terminate
from core.database.embedded.replica_set import USER, make_primary
from core.database.locks import locked, open_lock, try_exclusive, try_shared
from core.errors import Conflict, Unavailable
from core.settings import MongoSettings

LOCK_SECONDS = 180
ATTEMPTS = 3


@dataclass(slots=True)
class Server:
    """A running server that this process uses until `release`; the URI holds the password."""

    folder: ServerFolder
    port: int
    uri: SecretStr
    users: BinaryIO = field(repr=False)


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """What there is to know about the server of a folder without starting it."""

    pid: int | None
    port: int | None
    is_in_use: bool


async def start(mongo: MongoSettings, data_dir: Path) -> Server:
    """Return the server of the data folder, started when none runs; other processes share it.

    Raises:
        NotConfigured: no mongod can run here, or the folder or the port does not fit.
        Unavailable: mongod failed or hangs.
    """
    starting = asyncio.create_task(asyncio.to_thread(_start, mongo, ServerFolder.of(data_dir)))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await release(await starting)
        raise


async def release(server: Server) -> None:
    """Stop using the server; the last process that uses it stops it.

    Raises:
        Unavailable: it was to end but does not.
    """
    await asyncio.to_thread(_release, server)


def stop(data_dir: Path) -> bool:
    """Stop the server of the data folder; return whether one was running.

    Raises:
        Conflict: a process uses it.
        Unavailable: it does not end.
    """
    folder = ServerFolder.of(data_dir)
    if not folder.root.exists():
        return False
    with locked(folder.start_lock, wait_seconds=LOCK_SECONDS), open_lock(folder.users_lock) as file:
        if not try_exclusive(file):
            raise Conflict("PromptHub is running on this data folder; stop it first.")
        return terminate(folder)


def status(data_dir: Path) -> ServerStatus:
    """Return whether a server runs on the data folder, and whether somebody uses it."""
    folder = ServerFolder.of(data_dir)
    if not folder.root.exists():
        return ServerStatus(pid=None, port=None, is_in_use=False)
    with locked(folder.start_lock, wait_seconds=LOCK_SECONDS), open_lock(folder.users_lock) as file:
        is_in_use = not try_exclusive(file)
        return ServerStatus(folder.find_pid(), folder.find_port(), is_in_use)


def is_shared(server: Server) -> bool:
    """Return whether another process uses the server too."""
    with locked(server.folder.start_lock, wait_seconds=LOCK_SECONDS):
        is_alone = try_exclusive(server.users)
        try_shared(server.users)
        return not is_alone


def revive(server: Server, mongo: MongoSettings) -> bool:
    """Start the server again on its port when it was killed; return whether that was needed.

    Raises:
        NotConfigured: as `start`.
        Unavailable: as `start`.
    """
    with locked(server.folder.start_lock, wait_seconds=LOCK_SECONDS):
        if server.folder.find_pid() is not None:
            return False
        _run(mongo.model_copy(update={"port": server.port}), server.folder)
        return True


def _start(mongo: MongoSettings, folder: ServerFolder) -> Server:
    folder.prepare()
    with locked(folder.start_lock, wait_seconds=LOCK_SECONDS):
        users = open_lock(folder.users_lock)
        try:
            try_shared(users)  # held exclusively only by holders of the start lock, that is us
            port, password = _run(mongo, folder)
        except BaseException:
            users.close()
            raise
    uri = f"mongodb://{USER}:{password}@{HOST}:{port}/?authSource=admin&directConnection=true"
    return Server(folder, port, SecretStr(uri), users)


def _run(mongo: MongoSettings, folder: ServerFolder) -> tuple[int, str]:
    password = folder.prepare()
    for _ in range(ATTEMPTS):
        port = folder.find_port() if folder.find_pid() is not None else None
        if port is None:
            port = launch(find_mongod(mongo.mongod).path, folder, mongo)
        # The one that was found may be on its way out: killed, but not yet gone.
        if make_primary(port, password, is_running=lambda: folder.find_pid() is not None):
            return port, password
    raise Unavailable(
        f"The MongoDB server ends right after its start. {folder.last_complaint()}".strip(),
        what="database",
        remedy=f"Read {folder.log}.",
    )


def _release(server: Server) -> None:
    with server.users, locked(server.folder.start_lock, wait_seconds=LOCK_SECONDS):
        if try_exclusive(server.users):
            terminate(server.folder)
