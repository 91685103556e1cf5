"""Signing in, staying so, and signing out, in a real browser."""

import re
from collections.abc import Generator
from typing import Any

import pytest
from playwright.sync_api import Page, StorageState, expect
from pymongo import MongoClient

from tests.browser.app_process import App
from tests.browser.conftest import (
    OpenPage,
    app_with_own_database,
    expect_signed_in,
    set_up,
    sign_in,
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def fresh_app(mongo_uri: str) -> Generator[App]:
    """An application nobody has set up."""
    yield from app_with_own_database(mongo_uri, {})


def test_the_first_visit_makes_the_owner_and_a_refresh_keeps_the_session(
    fresh_app: App, open_page: OpenPage
) -> None:
    page = open_page()
    page.goto(fresh_app.url)

    set_up(page)
    page.reload()

    expect_signed_in(page)
    cookie = next(c for c in page.context.cookies() if c.get("name") == "ph_session")
    assert (cookie.get("httpOnly"), cookie.get("sameSite")) == (True, "Lax")


@pytest.mark.usefixtures("owner_state")
def test_a_deep_link_survives_signing_in(app: App, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(f"{app.url}/users?from=mail")

    sign_in(page)

    expect(page.get_by_role("heading", name="Users")).to_be_visible()
    assert page.url == f"{app.url}/users?from=mail"


@pytest.mark.usefixtures("owner_state")
def test_a_wrong_password_is_told_inside_the_card(app: App, open_page: OpenPage) -> None:
    page = open_page(scheme="dark")
    page.goto(app.url)

    sign_in(page, "not the password")

    expect(page.get_by_text("Email and password don't match.")).to_be_visible()


def test_signing_out_ends_it_in_this_browser_only(
    app: App, open_page: OpenPage, signed_in_page: Page
) -> None:
    page = open_page()
    page.goto(f"{app.url}/users")
    sign_in(page)
    expect_signed_in(page)

    page.goto(f"{app.url}/account")
    page.get_by_role("button", name="Sign out", exact=True).first.click()

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert not [c for c in page.context.cookies() if c.get("name") == "ph_session"]
    signed_in_page.reload()
    expect_signed_in(signed_in_page)


def test_a_double_click_acts_once(fresh_app: App, mongo_uri: str, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(f"{fresh_app.url}/account")
    enter(page)

    button = page.get_by_role("button", name="Sign out everywhere")
    button.evaluate("it => [0, 30, 60].forEach(ms => setTimeout(() => it.click(), ms))")

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    with MongoClient[dict[str, Any]](mongo_uri) as client:
        events = client[fresh_app.database]["audit_events"]
        assert events.count_documents({"action": "session.end_all"}) == 1


def enter(page: Page) -> None:
    """Set up the server where nobody has yet, else sign in."""
    heading = page.get_by_role("heading", name=re.compile("Set up this server|Sign in"))
    expect(heading).to_be_visible()
    if heading.inner_text() == "Sign in":
        sign_in(page)
        expect_signed_in(page)
    else:
        set_up(page)


def test_two_browsers_do_not_share_what_is_typed(
    app: App, owner_state: StorageState, open_page: OpenPage
) -> None:
    one, other = open_page(state=owner_state), open_page(state=owner_state)
    for page in (one, other):
        page.goto(f"{app.url}/users")
        expect_signed_in(page)

    one.get_by_label("Search").fill("nobody of this name")
    one.get_by_label("Search").press("Enter")

    expect(one.get_by_text("0 accounts")).to_be_visible()
    expect(other.get_by_text(re.compile("^1 account$"))).to_be_visible()
