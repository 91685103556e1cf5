"""Own the guarded HTTP client: no redirects, no proxy variables, bounded connections."""

from typing import Final

import httpx2

CONNECT_SECONDS: Final = 5.0
POOL_SECONDS: Final = 10.0
MAX_CONNECTIONS: Final = 200


def guarded_client() -> httpx2.AsyncClient:
    """Return a client that talks to the address it is given and to no other.

    A redirect is handed back as the answer it is, and proxy variables of the environment are
    ignored: either would send a key somewhere else. Reading has no limit of its own here, since
    every caller keeps a deadline over the whole call. Building it reads the certificate store
    from disk, so build it off the event loop.
    """
    return httpx2.AsyncClient(
        follow_redirects=False,
        trust_env=False,
        timeout=httpx2.Timeout(None, connect=CONNECT_SECONDS, pool=POOL_SECONDS),
        limits=httpx2.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=20),
    )
