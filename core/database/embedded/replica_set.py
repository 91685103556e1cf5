"""Own the step from a listening mongod to a primary with access control."""

import time
from collections.abc import Callable
from typing import Any

from pymongo import MongoClient
from pymongo.errors import AutoReconnect, NotPrimaryError, OperationFailure

from core.database.embedded.launch import HOST, REPLICA_SET
from core.errors import NotConfigured, Unavailable

USER = "prompthub"
# After a change of port mongod asks whoever now holds the old one, 30 s if that one is mute.
READY_SECONDS = 90
POLL_SECONDS = 0.02

# Codes. Source: MongoDB 6.0, src/mongo/base/error_codes.yml
UNAUTHORIZED = 13
AUTHENTICATION_FAILED = 18
ALREADY_INITIALIZED = 23
# The stored configuration is still being read, or another change of it is under way.
STILL_STARTING = {94, 109}

Client = MongoClient[dict[str, Any]]


def make_primary(port: int, password: str, *, is_running: Callable[[], bool]) -> bool:
    """Bring the server to accept writes of our user, from whatever state a crash left it in.

    Every step is safe to repeat: the first start (set, then user), a first start that was cut off
    between the two, and a port that changed since. False when the server ends meanwhile.

    Raises:
        NotConfigured: the password file does not fit the data.
        Unavailable: the server does not answer or does not become primary in time.
    """
    deadline = time.monotonic() + READY_SECONDS
    while not _try_make_primary(port, password, deadline):
        if not is_running():
            return False
        if time.monotonic() > deadline:
            raise Unavailable(
                "The MongoDB server does not become ready.",
                what="database",
                remedy="Read mongod.log in the data folder.",
            )
        time.sleep(POLL_SECONDS)
    return True


def _try_make_primary(port: int, password: str, deadline: float) -> bool:
    try:
        if not _sign_in(port, password, deadline):
            _first_start(port, password, deadline)
    except AutoReconnect:  # it is not listening yet, or steps up
        return False
    except OperationFailure as error:
        if error.code not in STILL_STARTING:
            raise
        return False
    return True


def _connect(port: int, **credentials: Any) -> Client:
    return MongoClient(
        HOST,
        port,
        directConnection=True,
        serverSelectionTimeoutMS=500,
        connectTimeoutMS=2000,
        socketTimeoutMS=30_000,
        **credentials,
    )


def _sign_in(port: int, password: str, deadline: float) -> bool:
    with _connect(port, username=USER, password=password) as client:
        try:
            config = client.admin.command("replSetGetConfig")["config"]
        except OperationFailure as error:
            if error.code != AUTHENTICATION_FAILED:
                raise
            return False
        if config["members"][0]["host"] != _address(port):
            _move(client, port, version=config["version"])
        _wait_for_primary(client, deadline)
    return True


def _first_start(port: int, password: str, deadline: float) -> None:
    """Use that, as long as there is no user, mongod lets a client on loopback make the first."""
    with _connect(port) as client:
        try:
            client.admin.command("replSetInitiate", _config(port, version=1))
        except OperationFailure as error:
            if error.code == UNAUTHORIZED:
                raise _wrong_password() from error
            if error.code != ALREADY_INITIALIZED:
                raise
            if not client.admin.command("hello").get("setName"):
                _move(client, port, version=1)
        _wait_for_primary(client, deadline)
        try:
            client.admin.command(
                "createUser",
                USER,
                pwd=password,
                roles=["root"],
                writeConcern={"w": "majority", "j": True},
            )
        except OperationFailure as error:
            if error.code == UNAUTHORIZED:
                raise _wrong_password() from error
            raise


def _move(client: Client, port: int, *, version: int) -> None:
    """Give the only member its new port; by itself it would never become primary again."""
    try:
        client.admin.command("replSetReconfig", _config(port, version=version + 1), force=True)
    except OperationFailure as error:
        if error.code == UNAUTHORIZED:
            raise _wrong_password() from error
        raise


def _wait_for_primary(client: Client, deadline: float) -> None:
    while not client.admin.command("hello").get("isWritablePrimary"):
        if time.monotonic() > deadline:
            raise NotPrimaryError("not primary in time")
        time.sleep(POLL_SECONDS)


def _config(port: int, *, version: int) -> dict[str, Any]:
    return {
        "_id": REPLICA_SET,
        "version": version,
        "members": [{"_id": 0, "host": _address(port)}],
    }


def _address(port: int) -> str:
    return f"{HOST}:{port}"


def _wrong_password() -> NotConfigured:
    return NotConfigured(
        "The password kept for the embedded MongoDB does not fit its data.",
        setting="PROMPTHUB_DATA_DIR",
        remedy="Put back secrets/mongo-password of this data folder, or name another folder.",
    )
