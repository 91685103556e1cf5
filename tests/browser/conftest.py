"""Fixtures of tests in Chromium: the running app, and pages that tolerate no complaint.

`app` is one server for all tests, `signed_in_page` a page of its owner, `open_page` makes further
pages, each a browser of its own (no shared cookies). A page fails its test when it logged an error
or asked another host for anything. Models are served by the fake provider as `openai/<any name>`.
"""

import re
import shutil
from collections.abc import Callable, Generator
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect
from pymongo import MongoClient

from tests.browser.app_process import App, running_app
from tests.fake_provider import FakeProvider, running

# The first one has no window to draw: a page takes it half the processor time.
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser"))),
    None,
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Streamlit looks for its server below the address of a deep link first, and finds it at the root.
HARMLESS = re.compile(r"/_stcore/(health|host-config)$")

EMAIL = "ada@example.org"
PASSWORD = "correct horse battery staple"

OpenPage = Callable[..., Page]

# What is waited for comes within a second; on a machine that does ten other things it takes longer.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session", autouse=True)
def chromium() -> str:
    if CHROMIUM is None:
        pytest.skip("Chromium is not on the PATH: tests of the browser are left out")
    return CHROMIUM


@pytest.fixture(scope="session")
def browser_type_launch_args(chromium: str) -> dict[str, Any]:
    return {"executable_path": chromium, "args": FLAGS}


@pytest.fixture(scope="session")
def fake_provider() -> Generator[FakeProvider]:
    """The server behind `openai/...`, with what it answers and was asked."""
    with running() as fake:
        yield fake


@pytest.fixture(scope="session")
def provider_environment(fake_provider: FakeProvider) -> dict[str, str]:
    """A key and the address of the fake provider."""
    return {
        "OPENAI_API_KEY": "sk-test-not-a-key",
        "PROMPTHUB_PROVIDERS__OPENAI__BASE_URL": fake_provider.url,
    }


@pytest.fixture(scope="session")
def app(chromium: str, mongo_uri: str, provider_environment: dict[str, str]) -> Generator[App]:
    """The application with an empty database."""
    del chromium  # without it there is nothing to start for
    yield from app_with_own_database(mongo_uri, provider_environment)


def app_with_own_database(mongo_uri: str, environment: dict[str, str]) -> Generator[App]:
    database = f"browser_{uuid4().hex[:12]}"
    try:
        with running_app(mongo_uri, database, environment) as app:
            yield app
    finally:
        with MongoClient[dict[str, Any]](mongo_uri) as client:
            client.drop_database(database)


@pytest.fixture
def open_page(browser: Browser) -> Generator[OpenPage]:
    """Make pages, each in a browser context of its own, and look at their complaints at the end."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_one(
        *, state: StorageState | None = None, scheme: str = "light", width: int = 1280
    ) -> Page:
        context = browser.new_context(
            storage_state=state,
            color_scheme="dark" if scheme == "dark" else "light",
            viewport={"width": width, "height": 800},
            locale="en-GB",
            timezone_id="Europe/Berlin",
        )
        contexts.append(context)
        page = context.new_page()
        watch(page, complaints)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


def watch(page: Page, complaints: list[str]) -> None:
    """Collect errors on the console, and requests to anything but this machine."""
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on(
        "console",
        lambda message: (
            complaints.append(f"console: {message.text} {message.location['url']}")
            if message.type == "error" and not HARMLESS.search(message.location["url"])
            else None
        ),
    )
    page.on(
        "request",
        lambda request: (
            None
            if re.match(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:", request.url)
            else complaints.append(f"request: {request.url}")
        ),
    )


@pytest.fixture(scope="session")
def owner_state(app: App, browser: Browser) -> StorageState:
    """The cookies of the owner, whose account is made by the first visit."""
    return first_visit(app, browser)


@pytest.fixture
def signed_in_page(app: App, owner_state: StorageState, open_page: OpenPage) -> Page:
    """The owner's page, at the default page."""
    page = open_page(state=owner_state)
    page.goto(app.url)
    expect_signed_in(page)
    return page


def first_visit(
    app: App, browser: Browser, then: Callable[[Page], None] | None = None
) -> StorageState:
    """Make the owner's account, go on as `then` does, and return the cookies."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(app.url)
    set_up(page)
    if then is not None:
        then(page)
    state = context.storage_state()
    context.close()
    return state


def set_up(page: Page) -> None:
    """Make the owner's account on the page of the first visit."""
    page.get_by_label("Full name").fill("Ada Lovelace")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account and open the library").click()
    expect_signed_in(page)


def sign_in(page: Page, password: str = PASSWORD) -> None:
    """Fill in the sign-in card and press Enter."""
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_label("Password", exact=True).press("Enter")


def expect_signed_in(page: Page) -> None:
    """Wait for the menu, which only people who are signed in have."""
    expect(page.get_by_text("Manage", exact=True)).to_be_visible(timeout=20_000)
