"""The embedded server: a real mongod on loopback, found, started, shared and stopped by us.

`binary` finds a mongod that can run, `folder` is its place on disk, `launch` starts and ends the
process, `replica_set` makes it a primary with a user, `server` shares it between processes.
"""

from core.database.embedded.server import (
    Server,
    ServerStatus,
    is_shared,
    release,
    revive,
    start,
    status,
    stop,
)

__all__ = [
    "Server",
    "ServerStatus",
    "is_shared",
    "release",
    "revive",
    "start",
    "status",
    "stop",
]
