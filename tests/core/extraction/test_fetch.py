"""Nothing inside is ever dialled, however it is written; what comes back is bounded."""

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

import pytest

from core.errors import AddressRefused, FetchFailed, FetchTimeout, PromptHubError, SourceUnreadable
from core.extraction.fetch import Fetcher, parse_url
from core.net import is_public
from core.settings import ExtractionSettings
from tests.core.extraction.page_server import PageServer, bomb, moved, page, serving

LOOPBACK = (
    "127.0.0.1", "2130706433", "0x7f000001", "0x7f.0x0.0x0.0x1", "0x7F.1", "017700000001",
    "0177.0.0.1", "0177.0.0.01", "127.1", "127.0.1", "127.000.000.001", "127.0.0.1.",
    "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
    "[0::ffff:127.0.0.1]", "localhost", "LOCALHOST", "localhost.", "\uff11\uff12\uff17.0.0.1",
    "127\u30020\u30020\u30021", "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3",
    "0", "[::]", "127.0.0.2", "user@127.0.0.1", "example.org@127.0.0.1",
    "0.0.0.0",  # noqa: S104 - it is refused
)  # fmt: skip
SCHEMES = (
    "file:///etc/passwd", "gopher://127.0.0.1:{port}/_x", "ftp://127.0.0.1:{port}/",
    "dict://127.0.0.1:{port}/x", "data:text/html,Act as a cook", "javascript:alert(1)",
    "unix:///var/run/docker.sock", "http+unix://%2Fvar%2Frun/x", "//127.0.0.1:{port}/", "",
    "http://", "http:///x", "http://[::1", "http://127.0.0.1:{port}:80/", "http://a b/",
    "http://127.0.0.1:{port}/\r\nX: 1", "http://127.0.0.1:{port}\\@example.org/",
    "http://127.0.0.1:99999/", "http://\x00127.0.0.1:{port}/", "http://" + "a" * 3_000,
)  # fmt: skip
INSIDE = (
    "0.0.0.0",  # noqa: S104 - it is refused
    "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255", "168.63.129.16", "::", "::1", "::7f00:1", "::ffff:127.0.0.1",
    "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b:1::1", "2001::1", "2001:db8::1", "2002:7f00:1::",
    "3fff::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
    "100::1", "localhost", "", "127.1", "08.8.8.8",
)  # fmt: skip
OUTSIDE = ("8.8.8.8", "1.1.1.1", "93.184.216.34", "172.32.0.1", "2606:4700::1111", "2a00:1450::1")


@pytest.fixture
async def canary() -> AsyncGenerator[PageServer]:
    """It lies inside: who reaches it has got through."""
    async with serving({}) as server:
        yield server


def fetcher(*allowed: str, **settings: float) -> Fetcher:
    return Fetcher(
        ExtractionSettings.model_validate(
            {"allowed_origins": allowed, "fetch_seconds": 5, **settings}
        )
    )


@pytest.mark.parametrize("host", LOOPBACK)
async def test_this_machine_is_never_dialled(canary: PageServer, host: str) -> None:
    with pytest.raises((AddressRefused, FetchFailed)):
        await fetcher().fetch(f"http://{host}:{canary.port}/")

    assert canary.asked == []


@pytest.mark.parametrize("url", SCHEMES)
async def test_what_is_no_web_address_is_refused(canary: PageServer, url: str) -> None:
    with pytest.raises(AddressRefused):
        await fetcher().fetch(url.replace("{port}", str(canary.port)))

    assert canary.asked == []


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside_are_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_addresses_outside_are_known(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "//127.1:{port}/", "file:///etc/passwd",
     "http://[::ffff:127.0.0.1]:{port}/", "gopher://127.0.0.1:{port}/"],
)  # fmt: skip
async def test_a_redirect_leads_inside_no_more_than_an_address(
    canary: PageServer, target: str
) -> None:
    async with serving({"/": moved(target.replace("{port}", str(canary.port)))}) as server:
        with pytest.raises(AddressRefused):
            await fetcher(server.origin).fetch(server.origin)

    assert len(server.asked) == 1
    assert canary.asked == []


async def test_three_redirects_are_followed_and_a_fourth_is_not() -> None:
    chain = {"/1": moved("/2"), "/2": moved("3"), "/3": moved("/4"), "/4": page(b"there")}
    async with serving({**chain, "/0": moved("/1"), "/loop": moved("/loop")}) as server:
        fetched = await fetcher(server.origin).fetch(f"{server.origin}/1")

        assert (fetched.data, fetched.url) == (b"there", f"{server.origin}/4")
        for path in ("/0", "/loop"):
            with pytest.raises(FetchFailed, match="redirects"):
                await fetcher(server.origin).fetch(server.origin + path)


def resolving(
    *answers: Sequence[str],
) -> tuple[Callable[[str, int], Awaitable[list[str]]], list[str]]:
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(f"{host}:{port}")
        return list(answers[min(len(asked), len(answers)) - 1])

    return resolve, asked


async def test_the_address_that_was_checked_is_the_one_that_is_dialled() -> None:
    async with serving({"/": page(b"hello")}) as server:
        resolve, asked = resolving(["127.0.0.1"], ["192.0.2.1"])
        origin = f"http://page.test:{server.port}"
        settings = ExtractionSettings(allowed_origins=(origin,))

        fetched = await Fetcher(settings, resolve).fetch(origin)

    assert fetched.data == b"hello"
    assert asked == [f"page.test:{server.port}"]
    assert f"Host: page.test:{server.port}\r\n" in server.asked[0]


async def test_a_name_that_turns_inside_after_the_check_is_not_followed(canary: PageServer) -> None:
    resolve, asked = resolving(["93.184.216.34", "127.0.0.1"], ["127.0.0.1"])

    for _ in range(2):
        with pytest.raises(AddressRefused):
            await Fetcher(ExtractionSettings(), resolve).fetch(f"http://a.test:{canary.port}/")

    assert len(asked) == 2
    assert canary.asked == []


async def test_proxies_and_credentials_of_the_environment_are_not_used(
    canary: PageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", canary.origin)
    async with serving({"/": page(b"hello")}) as server:
        await fetcher(server.origin).fetch(server.origin)

    assert canary.asked == []
    assert not re.search("(?i)cookie|authorization", server.asked[0])


@pytest.mark.parametrize("body", [bomb(200_000), "flood"], ids=["bomb", "flood"])
async def test_no_more_is_taken_than_the_limit(body: bytes | str) -> None:
    async with serving({"/": body}) as server:
        with pytest.raises(SourceUnreadable, match="larger"):
            await fetcher(server.origin, max_page_bytes=100_000).fetch(server.origin)


@pytest.mark.parametrize("body", ["hang", "drip"])
async def test_what_does_not_arrive_in_time_is_given_up(body: str) -> None:
    async with serving({"/": body}) as server:
        with pytest.raises(FetchTimeout):
            await fetcher(server.origin, fetch_seconds=0.4).fetch(server.origin)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (page(b"\x00\x01", "application/octet-stream"), SourceUnreadable),
        (page(b"x", "image/png"), SourceUnreadable),
        (page(b"gone", status="404"), FetchFailed),
        (page(b"oh", status="500"), FetchFailed),
        (page(b"not packed", more="Content-Encoding: gzip\r\n"), FetchFailed),
        (page(b"x", more="Content-Encoding: br\r\n"), FetchFailed),
        (b"SSH-2.0-OpenSSH_9\r\n\r\n", FetchFailed),
        (b"", FetchFailed),
    ],
)
async def test_a_page_that_is_none_is_told_of(body: bytes, error: type[PromptHubError]) -> None:
    async with serving({"/": body}) as server:
        with pytest.raises(error):
            await fetcher(server.origin).fetch(server.origin)


async def test_an_unpacked_page_has_its_type_and_charset() -> None:
    packed = bomb(1_000).replace(b"text/html", b'Text/HTML; Charset="utf-8"')
    async with serving({"/a%20b?q=%C3%A9": packed}) as server:
        fetched = await fetcher(server.origin).fetch(f"{server.origin}/a%20b?q=\u00e9#part")

    assert (fetched.media_type, fetched.charset, len(fetched.data)) == ("text/html", "utf-8", 1_000)


def test_addresses_are_written_one_way() -> None:
    assert parse_url("HTTPS://M\u00fcnchen.DE:443").geturl() == "https://xn--mnchen-3ya.de/"
