"""Own the guarded ways out: clients without redirects, and connections to checked addresses."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, cast

import httpcore2
import httpx2
from typing_extensions import override

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


# Refused although Python counts some of them as global. Source: the IANA registries of special
# addresses (2026-10), and 168.63.129.16, where Azure serves the machine itself.
_INSIDE: Final = tuple(
    ip_network(block)
    for block in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *("168.63.129.16/32", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
)
# All unicast addresses given out so far; it leaves out every way of writing an IPv4 address.
_GLOBAL_V6: Final = IPv6Network("2000::/3")

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class AddressInside(Exception):
    """A name leads to an address that is not of the public Internet."""


def is_public(address: str) -> bool:
    """Tell whether an address, as a resolver writes it, is one of the public Internet."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and (ip.scope_id is not None or ip not in _GLOBAL_V6):
        return False
    return ip.is_global and not any(ip in block for block in _INSIDE if block.version == ip.version)


async def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, as the system knows them.

    Raises:
        OSError: there are none.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class CheckedNetwork(httpcore2.AsyncNetworkBackend):
    """Connects to addresses that were checked, and to exactly those.

    The name is resolved once for each connection, every address it has is checked, and one of
    these is dialled: what the name leads to a moment later does not matter. TLS and the header
    Host keep the name. `is_trusted` tells of hosts and ports that may lie inside.
    """

    def __init__(self, resolve: Resolve, is_trusted: Callable[[str, int], bool]) -> None:
        self._resolve = resolve
        self._is_trusted = is_trusted
        self._network = cast("httpcore2.AsyncNetworkBackend", httpcore2.AnyIOBackend())

    @override
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        addresses = await self._resolve(host, port)
        if not self._is_trusted(host, port) and not all(map(is_public, addresses)):
            raise AddressInside(host)
        failure: Exception = httpcore2.ConnectError("the name has no address")
        for address in addresses:
            try:
                return await self._network.connect_tcp(address, port, timeout=CONNECT_SECONDS)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure

    @override
    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        raise AddressInside(path)

    @override
    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)
