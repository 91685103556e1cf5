"""Analytics in a real browser: charts are drawn, a click leads to the runs, a file is exported."""

import csv
import random
import re
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import Decimal128, ObjectId
from playwright.sync_api import Browser, Page, StorageState, expect
from pymongo import MongoClient

from tests.browser.app_process import App
from tests.browser.conftest import OpenPage, app_with_own_database, first_visit

pytestmark = pytest.mark.browser

ROWS = 1_000
# Charts are drawn in the browser; a busy machine takes its time.
DRAWN_MS = 60_000


@pytest.fixture(scope="module")
def server(mongo_uri: str) -> Generator[App]:
    yield from app_with_own_database(mongo_uri, {"PROMPTHUB_EMBEDDINGS__KIND": "off"})


@pytest.fixture(scope="module")
def used(server: App, browser: Browser, mongo_uri: str) -> StorageState:
    """The owner's cookies, when the last day and a half has seen executions."""

    def look(page: Page) -> None:
        page.goto(f"{server.url}/analytics")
        expect(page.get_by_text(re.compile("Nothing was run yet"))).to_be_visible(timeout=20_000)

    state = first_visit(server, browser, look)
    with MongoClient[dict[str, Any]](mongo_uri) as client:
        database = client[server.database]
        application = database["applications"].find_one({})
        assert application is not None
        database["execution_logs"].insert_many(_rows(application["_id"]))
        database["anomalies"].insert_one(_an_anomaly(application["_id"]))
        # What is already counted is looked at again in ten minutes; without this, at once.
        database["rollup_progress"].delete_many({})
    return state


def _rows(application_id: ObjectId) -> list[dict[str, Any]]:
    chance = random.Random(7)
    now, version = datetime.now(UTC), ObjectId()
    return [
        {
            "_id": ObjectId(),
            "application_id": application_id,
            "prompt_version_id": version,
            "prompt_id": chance.choice(("greet", "=sum(1)")),
            "version": "1.0.0",
            "model_provider": "openai",
            "model_name": chance.choice(("gpt-4o", "gpt-5")),
            "status": chance.choice(("success", "success", "failed")),
            "latency_ms": chance.uniform(200, 2000),
            "input_tokens": 100,
            "output_tokens": 20,
            "token_count": 120,
            "cost_usd": Decimal128("0.01"),
            "cost_status": "priced",
            "created_at": now - timedelta(seconds=60 + chance.randrange(36 * 3600)),
        }
        for _ in range(ROWS)
    ]


def _an_anomaly(application_id: ObjectId) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "application_id": application_id,
        "prompt_version_id": ObjectId(),
        "prompt_id": "greet",
        "version": "1.0.0",
        "provider": "openai",
        "model": "gpt-4o",
        "measure": "cost",
        "pattern": "spike",
        "created_at": now,
        "updated_at": now,
        "started_at": now - timedelta(hours=3),
        "last_seen_at": now - timedelta(hours=2),
        "observed": 0.026,
        "expected": 0.01,
        "expected_low": 0.008,
        "expected_high": 0.012,
        "runs": 31,
    }


@pytest.fixture
def page(server: App, used: StorageState, open_page: OpenPage) -> Page:
    page = open_page(state=used)
    page.goto(f"{server.url}/analytics")
    expect(page.locator(".st-key-chart_cost .point").first).to_be_attached(timeout=DRAWN_MS)
    return page


def test_a_click_on_a_chart_leads_to_its_runs_and_the_period_is_in_the_address(page: Page) -> None:
    page.get_by_role("radio", name="24 h").click()
    expect(page).to_have_url(re.compile("span=24"))
    expect(page.get_by_text(re.compile("^24 hours to"))).to_be_visible(timeout=DRAWN_MS)
    bars = page.locator(".st-key-chart_tokens .trace.bars").first.locator(".point")
    expect(bars).to_have_count(24, timeout=DRAWN_MS)
    page.reload()
    expect(bars).to_have_count(24, timeout=DRAWN_MS)

    bars.nth(12).scroll_into_view_if_needed()
    box = bars.nth(12).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    hover = page.locator(".st-key-chart_tokens .hoverlayer")
    expect(hover.get_by_text(re.compile("Total"))).to_be_visible()
    page.mouse.down()
    page.mouse.up()

    expect(page).to_have_url(re.compile(r"/executions\?from=.*&to="), timeout=DRAWN_MS)
    expect(page.get_by_role("button", name=re.compile(r"\d:00 to \d\d:00"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"^\d+ runs$"))).to_be_visible(timeout=20_000)


def test_what_is_unusual_is_muted_for_a_day_and_warns_again(page: Page) -> None:
    expect(page.get_by_text(re.compile("cost of a run 2.6 times the usual"))).to_be_visible()
    page.get_by_role("button", name="Mute").click()
    page.get_by_role("menuitem", name="For a day").or_(
        page.get_by_role("option", name="For a day")
    ).click()
    expect(page.get_by_text("Muted the cost of a run of gpt-4o.")).to_be_visible()
    page.get_by_text("1 unusual event in this period").click()
    page.get_by_role("button", name="Unmute").click()
    expect(page.get_by_role("button", name="Mute", exact=True)).to_be_visible()


def test_figures_are_exported_and_no_cell_is_a_formula(page: Page) -> None:
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()

    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:  # noqa: PTH123
        rows = list(csv.DictReader(file))
    assert download.value.suggested_filename.startswith("prompthub-usage-")
    assert sum(int(row["runs"]) for row in rows) == ROWS, rows[:5]
    assert {row["prompt_id"] for row in rows} == {"greet", "'=sum(1)"}


def test_the_page_fits_a_narrow_dark_window(
    server: App, used: StorageState, open_page: OpenPage
) -> None:
    page = open_page(state=used, scheme="dark", width=800)

    page.goto(f"{server.url}/analytics")

    figure = page.get_by_role("figure", name=re.compile("^Cost over time by model, "))
    expect(figure).to_be_visible(timeout=DRAWN_MS)
    box = figure.bounding_box()
    assert box is not None
    assert 500 < box["width"] < 800
    assert page.evaluate("document.documentElement.scrollWidth") <= 800
