"""Own fetching a page from outside: only from addresses that may be asked, only within limits."""

import asyncio
import re
import ssl
import zlib
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Final, NamedTuple
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

import httpcore2
import httpx2
import idna

from core import clock
from core.errors import AddressRefused, FetchFailed, FetchTimeout, SourceUnreadable
from core.net import AddressInside, CheckedNetwork, Resolve, resolve
from core.settings import ExtractionSettings

MAX_REDIRECTS: Final = 3
MAX_URL: Final = 2_000
USER_AGENT: Final = "PromptHub/0.1"
PORTS: Final = {"http": 80, "https": 443}
MEDIA_TYPES: Final = frozenset({
    "text/html", "application/xhtml+xml", "text/plain", "text/markdown", "text/x-markdown",
    "application/pdf",
})  # fmt: skip

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_OK: Final = 200
_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500
_MAX_PORT: Final = 65_535
# Nothing that any part of a chain of parsers could read as an end or a beginning.
_NOT_IN_URL: Final = re.compile(r"[\x00-\x20\x7f\\]")
_HOST: Final = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,252}[a-z0-9_])?\.?|[0-9a-f:.]+")
_SECONDS: Final = re.compile(r"[0-9]{1,6}")
_SAFE: Final = "%/:=&?~+!$,;'@()*[]-._"
_REMEDY: Final = "Give a public address that begins with http:// or https://."

Before = Callable[[SplitResult], Awaitable[None]]


class Fetched(NamedTuple):
    """What was fetched, unpacked; `url` is where it was in the end."""

    url: str
    media_type: str
    charset: str | None
    data: bytes


class Fetcher:
    """Fetches pages, each over a connection of its own."""

    def __init__(self, settings: ExtractionSettings, resolve: Resolve = resolve) -> None:
        self._settings = settings
        self._resolve = resolve
        self._allowed = frozenset(map(_origin, settings.allowed_origins))

    async def fetch(self, url: str, *, before: Before | None = None) -> Fetched:
        """Return the page behind an address, through three redirects at most.

        `before` each request, redirects included, is waited for; that takes none of its time.

        Raises:
            AddressRefused: it is no web address, or it or a redirect leads inside.
            SourceUnreadable: it is of another type, or larger than is taken.
            FetchFailed, FetchTimeout: the page's server cannot be reached or does not give it.
        """
        target = parse_url(url)
        try:
            return await self._follow(target, before)
        except TimeoutError:
            raise FetchTimeout("The page did not arrive in time.") from None
        except AddressInside:
            raise AddressRefused(
                "The address leads to a machine that is not on the public Internet.",
                field="url",
                remedy="Give a public address, or let an administrator allow its origin.",
            ) from None
        except httpcore2.TimeoutException:
            raise FetchTimeout("The page's server does not answer.") from None
        except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError):
            raise FetchFailed("The page's server cannot be reached.", is_retryable=True) from None

    async def _follow(self, target: SplitResult, before: Before | None) -> Fetched:
        left_ms = self._settings.fetch_seconds * 1000
        for _ in range(MAX_REDIRECTS + 1):
            if before is not None:
                await before(target)
            asking = clock.Stopwatch()
            async with asyncio.timeout(left_ms / 1000):
                answer = await self._ask(target)
            left_ms -= asking.elapsed_ms()
            if isinstance(answer, Fetched):
                return answer
            target = parse_url(urljoin(urlunsplit(target), answer))
        raise FetchFailed(f"The page redirects more than {MAX_REDIRECTS} times.")

    async def _ask(self, target: SplitResult) -> Fetched | str:
        """Return the page, or where it has moved to."""
        network = CheckedNetwork(self._resolve, self._is_allowed(target.scheme))
        context = await asyncio.to_thread(_tls)
        async with (
            httpcore2.AsyncConnectionPool(context, network_backend=network) as pool,
            pool.stream("GET", _to_core(target), headers=_headers(target)) as response,
        ):
            headers = {
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in response.headers
            }
            if response.status in _REDIRECTS and "location" in headers:
                return headers["location"]
            if response.status != _OK:
                raise _refused(response.status, headers.get("retry-after", ""))
            media_type, charset = _content_type(headers.get("content-type", ""))
            if media_type not in MEDIA_TYPES:
                raise SourceUnreadable(
                    "The address does not lead to a page of text or a PDF file.",
                    reason="media_type",
                    field="url",
                    remedy="Give the address of a web page, a text or a PDF file.",
                )
            data = await self._receive(response, headers.get("content-encoding", ""))
            return Fetched(urlunsplit(target), media_type, charset, data)

    def _is_allowed(self, scheme: str) -> Callable[[str, int], bool]:
        return lambda host, port: (scheme, host.lower(), port) in self._allowed

    async def _receive(self, response: httpcore2.Response, encoding: str) -> bytes:
        """Return the body unpacked; no more than the limit is ever held."""
        limit = self._settings.max_page_bytes
        unpack = _unpacker(encoding)
        data = bytearray()
        packed = 0
        async for chunk in response.aiter_stream():
            packed += len(chunk)
            try:
                data += unpack(chunk, limit + 1 - len(data))
            except zlib.error:
                raise FetchFailed("The page's server sent something damaged.") from None
            if max(len(data), packed) > limit:
                raise SourceUnreadable(
                    f"The page is larger than {limit // 1024**2 or 1} MiB.",
                    reason="too_long",
                    field="url",
                    remedy="Give the address of a part of it, or paste the text.",
                )
        return bytes(data)


def parse_url(url: str) -> SplitResult:
    """Return the parts of a web address, its host in lower case and ASCII.

    Raises:
        AddressRefused: it is none, or holds credentials.
    """
    if len(url) > MAX_URL or _NOT_IN_URL.search(url):
        raise AddressRefused("This is not a web address.", field="url", remedy=_REMEDY)
    try:
        parts = urlsplit(url)
        port, host = parts.port, _ascii(parts.hostname or "")
    except ValueError:
        raise AddressRefused("This is not a web address.", field="url", remedy=_REMEDY) from None
    if parts.scheme not in PORTS or not host or port == 0:
        raise AddressRefused("This is not a web address.", field="url", remedy=_REMEDY)
    if "@" in parts.netloc:
        raise AddressRefused(
            "The address holds a user name.", field="url", remedy="Leave it out: " + _REMEDY
        )
    named = f"[{host}]" if ":" in host else host
    netloc = named if port in {None, PORTS[parts.scheme]} else f"{named}:{port}"
    path = quote(parts.path or "/", safe=_SAFE)
    return SplitResult(parts.scheme, netloc, path, quote(parts.query, safe=_SAFE), "")


def _ascii(host: str) -> str:
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            raise ValueError(host) from None
    if not _HOST.fullmatch(host.lower()):
        raise ValueError(host)
    return host.lower()


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or PORTS[parts.scheme]


def _to_core(target: SplitResult) -> httpcore2.URL:
    path = target.path + (f"?{target.query}" if target.query else "")
    return httpcore2.URL(
        scheme=target.scheme,
        host=target.hostname or "",
        port=target.port or PORTS[target.scheme],
        target=path,
    )


def _headers(target: SplitResult) -> list[tuple[str, str]]:
    return [
        ("Host", target.netloc),
        ("User-Agent", USER_AGENT),
        ("Accept", "text/html, application/xhtml+xml, text/plain, text/markdown, application/pdf"),
        ("Accept-Encoding", "gzip"),
        ("Connection", "close"),
    ]


@cache
def _tls() -> ssl.SSLContext:
    return httpx2.create_ssl_context(trust_env=False)


def _content_type(header: str) -> tuple[str, str | None]:
    media_type, *parameters = (part.strip() for part in header.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return media_type.lower(), value.strip().strip('"') or None
    return media_type.lower(), None


def _refused(status: int, retry_after: str) -> FetchFailed:
    return FetchFailed(
        f"The page's server answered with the status {status}.",
        upstream_status=status,
        is_retryable=status >= _SERVER_ERROR or status == _TOO_MANY,
        # As a date it is not looked at.
        retry_after_seconds=int(retry_after) if _SECONDS.fullmatch(retry_after) else None,
    )


def _unpacker(encoding: str) -> Callable[[bytes, int], bytes]:
    """Return what unpacks the next piece, to at most so many bytes."""
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return lambda chunk, most: chunk[:most]
    if name not in {"gzip", "x-gzip", "deflate"}:
        raise FetchFailed("The page's server packs its answers in an unknown way.")
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)
    return inflate.decompress
