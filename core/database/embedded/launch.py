"""Own the mongod process: its flags, its port, its start and its end."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from secrets import randbelow

from core.database.embedded.folder import ServerFolder
from core.database.locks import POLL_SECONDS
from core.errors import NotConfigured, Unavailable
from core.settings import MongoSettings

HOST = "127.0.0.1"
REPLICA_SET = "rs0"
PORTS = range(20000, 32000)  # below the ephemeral ports of Linux, which outgoing calls take
ATTEMPTS = 10
START_SECONDS = 120  # recovery of a large journal after a crash
STOP_SECONDS = 60
EXIT_SECONDS = 2

# Exit codes. Source: MongoDB 6.0, src/mongo/util/exit_code.h
PORT_TAKEN = 48
FOLDER_TAKEN = 100
WRONG_VERSION = 62


def launch(mongod: Path, folder: ServerFolder, mongo: MongoSettings) -> int:
    """Start mongod as a daemon of its own session and return its port once it listens.

    A Ctrl+C meant for the application does not reach it. When another mongod got hold of the
    folder in the meantime, that one's port is returned.

    Raises:
        NotConfigured: the port asked for is taken, or the data are of another MongoDB version.
        Unavailable: mongod ended or hung; the message has its own words.
    """
    known = folder.find_port()
    port = mongo.port or known or _free_port()
    for _ in range(ATTEMPTS):
        folder.keep_port(port)
        code = _run(_command(mongod, folder, port, mongo.cache_gb))
        if code == 0:
            return port
        if code == FOLDER_TAKEN and folder.find_pid() is not None and known is not None:
            folder.keep_port(known)
            return known
        if code != PORT_TAKEN or mongo.port is not None:
            raise _explain(code, folder, port)
        port = _free_port()
    raise _explain(PORT_TAKEN, folder, port)


def terminate(folder: ServerFolder) -> bool:
    """End the server of the folder by SIGTERM and wait for it; return whether one was running.

    Raises:
        Unavailable: it does not end within a minute, or belongs to somebody else.
    """
    pid = folder.find_pid()
    if pid is None:
        return False
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return True
    except PermissionError as error:
        raise Unavailable(
            f"The MongoDB server (process {pid}) belongs to another user.", what="database"
        ) from error
    deadline = time.monotonic() + STOP_SECONDS
    while folder.find_pid() == pid:
        if time.monotonic() > deadline:
            raise Unavailable(
                f"The MongoDB server (process {pid}) does not end.",
                what="database",
                remedy=f"Read {folder.log}; ending it with kill -9 loses nothing acknowledged.",
            )
        time.sleep(POLL_SECONDS)
    _wait_for_port(folder.find_port() or 0)
    return True


def _wait_for_port(port: int) -> None:
    """Wait until nobody listens, which is a little later than the folder is given back.

    The process id would not do: where nobody reaps orphans, as in a container, it stays.
    """
    deadline = time.monotonic() + EXIT_SECONDS
    while _is_taken(port) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)


def _command(mongod: Path, folder: ServerFolder, port: int, cache_gb: float) -> list[str]:
    return [
        str(mongod),
        *("--replSet", REPLICA_SET),
        *("--bind_ip", HOST),
        *("--port", str(port)),
        *("--dbpath", str(folder.database)),
        *("--wiredTigerCacheSizeGB", str(cache_gb)),
        *("--oplogSize", "256"),
        # CVE-2025-14847 reads memory through zlib before authentication.
        *("--networkMessageCompressors", "disabled"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        # There is no other member to wait for; the default is 15 s when stopped amid an election.
        *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100"),
        *("--keyFile", str(folder.key_file)),
        *("--logpath", str(folder.log)),
        "--logappend",
        "--nounixsocket",  # it would lie in /tmp for everybody, and be left there by a crash
        "--fork",
    ]


def _run(command: list[str]) -> int | None:
    try:
        ended = subprocess.run(  # noqa: S603 - our own command line, no shell
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            timeout=START_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return None
    return ended.returncode


def _explain(code: int | None, folder: ServerFolder, port: int) -> NotConfigured | Unavailable:
    if code is None:
        return Unavailable(
            f"The MongoDB server did not start within {START_SECONDS} s.",
            what="database",
            remedy=f"It may still be recovering; read {folder.log} and try again.",
        )
    if code == PORT_TAKEN:
        return NotConfigured(
            f"Port {port} for the MongoDB server is taken by another program.",
            setting="PROMPTHUB_MONGO__PORT",
            remedy="Choose another port, or leave the setting out so that a free one is taken.",
        )
    if code == WRONG_VERSION:
        return NotConfigured(
            f"The data in {folder.database} were written by another version of MongoDB.",
            setting="PROMPTHUB_MONGO__MONGOD",
            remedy="Name the mongod they were written with.",
        )
    return Unavailable(
        f"The MongoDB server ended with {code}. {folder.last_complaint()}".strip(),
        what="database",
        remedy=f"Read {folder.log}.",
    )


def _free_port() -> int:
    while True:
        port = PORTS[randbelow(len(PORTS))]
        if not _is_taken(port):
            return port


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
