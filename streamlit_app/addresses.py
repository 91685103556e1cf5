"""Own what the server's address settings mean: base path, own origin, and what is https."""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from core.settings import ServerSettings


def base_path(server: ServerSettings) -> str:
    """Return the path below which everything answers: empty, or like `/prompts`."""
    return urlsplit(server.public_url).path.rstrip("/")


def shown_address(server: ServerSettings) -> str:
    """Return the address to tell people."""
    host = f"[{server.address}]" if ":" in server.address else server.address
    return server.public_url or f"http://{host}:{server.port}"


def is_own_origin(connection: HTTPConnection, server: ServerSettings) -> bool:
    """Tell whether the page that sent the request is one of ours, by `Origin`."""
    origin = urlsplit(connection.headers.get("origin", ""))
    public = urlsplit(server.public_url)
    own = {connection.headers.get("host", ""), public.netloc}
    return origin.scheme in {"http", "https"} and origin.netloc in own - {""}


def is_secure(connection: HTTPConnection, server: ServerSettings) -> bool:
    """Tell whether the browser speaks https, also to a proxy in front."""
    return connection.url.scheme in {"https", "wss"} or server.public_url.startswith("https://")
