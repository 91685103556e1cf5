"""Own whom an address on the network stands for."""

import ipaddress
from functools import lru_cache


@lru_cache(maxsize=4096)
def subscriber(address: str) -> str:
    """Return what one subscriber holds: an IPv4 address, or the /64 around an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((parsed.packed, 64), strict=False))
