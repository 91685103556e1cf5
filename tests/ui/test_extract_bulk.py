"""Reading several addresses in the background, without a browser."""

from collections.abc import Generator

import pytest
from bson import ObjectId
from streamlit.testing.v1 import AppTest

from core.documents import Job
from core.extraction.bulk import bulk_worker
from core.extraction.sources import Extractor
from core.jobs.run import Pace
from core.settings import ExtractionSettings
from core.values.scope import Scope
from streamlit_app import bridge
from tests.core.extraction.page_server import PageServer, page, serving
from tests.ui.conftest import Ui
from tests.ui.desk import a_member, button_keys, markdown

TIDES = b"<title>Tides</title><main><p>Prompt:</p><pre>Explain tides to {{reader}}.</pre></main>"


@pytest.fixture
def pages() -> Generator[PageServer]:
    server = serving({"/tides": page(TIDES)})
    yield bridge.run(server.__aenter__())
    bridge.run(server.__aexit__(None, None, None))


def put_in(ui: Ui, addresses: str) -> AppTest:
    app = ui.open("extract", **{"from": "Several addresses"})
    app.text_area(key="extract_urls").input(addresses).run()
    return app.button(key="extract_bulk").click().run()


def the_job() -> Job:
    (job,) = bridge.run(Job.find_all().to_list())
    return job


@pytest.mark.usefixtures("owner")
def test_each_address_says_what_came_of_it_and_leads_to_its_review(
    ui: Ui, pages: PageServer
) -> None:
    app = put_in(ui, f"{pages.origin}/tides\n{pages.origin}/none\n")
    assert not app.exception
    assert "0 of 2 read" in markdown(app)
    settings = ExtractionSettings(allowed_origins=(pages.origin,), host_delay_seconds=0)
    worker = bulk_worker(Extractor(settings), Pace(back_off_seconds=()))

    assert bridge.run(worker.run_next()) == 1
    app.run()

    assert "1 of 2 read, 1 failed" in markdown(app)
    assert "404" in markdown(app)
    assert f"cancel_{the_job().key}" not in button_keys(app)
    app.button(key="job_source_0").click().run()
    assert not app.exception
    assert "1 proposal" in "\n".join(one.value for one in app.caption)


@pytest.mark.usefixtures("owner")
def test_an_address_that_is_none_starts_nothing(ui: Ui) -> None:
    app = put_in(ui, "https://example.org/a ftp://example.org/b")

    assert "**Nothing was started.**" in app.error[0].value
    assert "Number 2" in app.error[0].value
    assert bridge.run(Job.find_all().count()) == 0


def test_a_job_is_cancelled_by_editors_and_read_by_viewers(ui: Ui, owner: Scope) -> None:
    put_in(ui, "https://example.org/a https://example.org/b")
    job = the_job()
    a_member(ui, owner, "viewer")
    app = ui.open("extract")
    app.button(key=f"job_{job.key}").click().run()
    assert "0 of 2 read" in markdown(app)
    assert f"cancel_{job.key}" not in button_keys(app)

    a_member(ui, owner, "editor")
    app = ui.open("extract", job=str(job.key))
    app.button(key=f"cancel_{job.key}").click().run()

    assert not app.exception
    assert the_job().status == "cancelled"
    assert "Cancelled" in markdown(app)
    assert "Not found." in ui.open("extract", job=str(ObjectId())).error[0].value
