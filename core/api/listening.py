"""Own taking the address that a process serves on, and the words when it cannot be had."""

import errno
import socket
from typing import Final

from core.errors import NotConfigured
from core.settings import ServerSettings

BACKLOG: Final = 2048


def listening(server: ServerSettings) -> socket.socket:
    """Take the port before anything else is started.

    Raises:
        NotConfigured: the address is not ours or the port is taken.
    """
    family = socket.AF_INET6 if ":" in server.address else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((server.address, server.port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise refused_address(server, error) from error
    return listener


def refused_address(server: ServerSettings, error: OSError) -> NotConfigured:
    """Turn the refusal of an address or port into words."""
    if error.errno in {errno.EADDRINUSE, errno.EACCES}:
        why = "is in use" if error.errno == errno.EADDRINUSE else "needs special rights"
        return NotConfigured(
            f"Port {server.port} on {server.address} {why}.",
            setting="PROMPTHUB_SERVER__PORT",
            remedy=f"Choose another one, e.g. PROMPTHUB_SERVER__PORT={server.port + 1}.",
        )
    return NotConfigured(
        f"This machine has no address {server.address!r} to listen on.",
        setting="PROMPTHUB_SERVER__ADDRESS",
        remedy="Set PROMPTHUB_SERVER__ADDRESS to 127.0.0.1, or to 0.0.0.0 for every network.",
    )
