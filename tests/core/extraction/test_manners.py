"""What robots.txt asks is heeded, and each host is asked with pauses."""

import asyncio
from urllib.parse import urlsplit

import pytest

from core.errors import AddressRefused, FetchFailed
from core.extraction.fetch import Fetcher
from core.extraction.manners import Manners
from core.extraction.robots import parse_robots
from core.settings import ExtractionSettings
from tests.core.extraction.page_server import Answers, PageServer, moved, page, serving


@pytest.mark.parametrize(
    ("text", "path", "is_allowed"),
    [
        ("", "/x", True),
        ("User-agent: *\nDisallow: /", "/x", False),
        ("User-agent: *\nDisallow:", "/x", True),
        ("\ufeffUSER-AGENT : * # all\n disallow : /x # not this", "/x/y", False),
        ("User-agent: *\nDisallow: /x", "/robots.txt", True),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
        ("User-agent: other\nDisallow: /", "/x", True),
        ("User-agent: PROMPTHUB/2\nDisallow: /\n\nUser-agent: *\nAllow: /", "/x", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: prompthub\nDisallow: /y", "/x", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: prompthub", "/x", True),
        ("User-agent: a\nUser-agent: prompthub\nSitemap: /s\nDisallow: /x", "/x", False),
        ("User-agent: prompthub\nAllow: /\nUser-agent: b\nDisallow: /x", "/x", True),
        ("User-agent: prompthub\nAllow: /\nUser-agent: prompthub\nDisallow: /x", "/x", False),
        ("User-agent: *\nDisallow: /p\nAllow: /p/ok", "/p/ok/1", True),
        ("User-agent: *\nAllow: /p\nDisallow: /p", "/p", True),
        ("User-agent: *\nDisallow: /*.gif$", "/a/b.gif", False),
        ("User-agent: *\nDisallow: /*.gif$", "/a/b.gif?x", True),
        ("User-agent: *\nDisallow: /a*c*e", "/abcde", False),
        ("User-agent: *\nDisallow: /a*c*e$", "/abcdef", True),
        ("User-agent: *\nDisallow: /x$", "/x", False),
        ("User-agent: *\nDisallow: /x$", "/xy", True),
        ("User-agent: *\nDisallow: /aa*aa$", "/aaa", True),
        ("User-agent: *\nDisallow: /\u00fc", "/%C3%BC", False),
        ("User-agent: *\nDisallow: /%c3%bc", "/%C3%BC", False),
        ("User-agent: *\nDisallow: /x?y=", "/x?y=1", False),
        ("Disallow: /", "/x", True),
        ("nonsense\x00\nUser-agent\n:::", "/x", True),
    ],
)
def test_rules_are_read_as_the_standard_says(text: str, path: str, is_allowed: bool) -> None:
    assert parse_robots(text, "PromptHub").allow(path) == is_allowed


def test_hostile_patterns_are_compared_without_going_back() -> None:
    rules = parse_robots("User-agent: *\nDisallow: /" + "*a" * 200_000 + "$", "PromptHub")

    assert rules.allow("/" + "a" * 2_000)


class Time:
    """A clock that moves by what is slept."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def manners(pages: PageServer, time: Time, **settings: float) -> Manners:
    chosen = ExtractionSettings.model_validate(
        {"allowed_origins": [pages.origin], "fetch_seconds": 5, **settings}
    )
    return Manners(chosen, Fetcher(chosen), monotonic=time.monotonic, sleep=time.sleep)


async def test_pages_of_one_host_are_asked_for_one_after_the_other() -> None:
    time = Time()
    robots = page(b"User-agent: *\nCrawl-delay: 2.5", "text/plain")
    async with serving({"/robots.txt": robots}) as pages:
        polite = manners(pages, time)
        targets = [urlsplit(f"{pages.origin}/{n}") for n in range(3)]

        await asyncio.gather(*(polite.wait(target) for target in targets))
        time.now = 6.0
        await polite.wait(targets[0])
        time.now = 100.0
        await polite.wait(targets[0])

    assert time.slept == [2.5, 5.0, 1.5]
    assert len(pages.asked) == 1  # of robots.txt


@pytest.mark.parametrize(
    "answers",
    [{}, {"/robots.txt": page(b"<p>No such page")}, {"/robots.txt": moved("/robots.txt")}],
    ids=["none", "a page instead", "a loop"],
)
async def test_a_site_without_robots_txt_asks_nothing(answers: Answers) -> None:
    async with serving(answers) as pages:
        await manners(pages, Time()).wait(urlsplit(f"{pages.origin}/x"))


async def test_a_site_that_does_not_say_what_it_asks_is_asked_later() -> None:
    busy = page(b"", status="503", more="Retry-After: 7\r\n")
    async with serving({"/robots.txt": busy}) as pages:
        with pytest.raises(FetchFailed, match=r"robots\.txt") as failed:
            await manners(pages, Time()).wait(urlsplit(f"{pages.origin}/x"))

    assert failed.value.is_retryable
    assert failed.value.retry_after_seconds == 7


async def test_robots_txt_is_asked_for_no_more_where_it_leads_inside() -> None:
    async with serving({}) as pages:
        settings = ExtractionSettings(fetch_seconds=5)
        polite = Manners(settings, Fetcher(settings))

        with pytest.raises(AddressRefused):
            await polite.wait(urlsplit(f"{pages.origin}/x"))

    assert pages.asked == []
