"""The analytics page without a browser: figures, charts, what is unusual, budgets, by role."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from bson import ObjectId
from streamlit.testing.v1 import AppTest

from core import clock
from core.accounts.members import set_member
from core.analytics.anomalies.listing import state_of
from core.analytics.rollup import rebuild
from core.documents import Anomaly, Application, ExecutionLog, Prompt, PromptVersion, Spending
from core.execution.budget import month_at
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components.analytics.export import to_csv
from tests.builders import an_application
from tests.ui.conftest import Ui

VERSION = ObjectId()


async def first_application() -> Application:
    application = await Application.find_one({})
    assert application is not None
    return application


def a_run(**fields: Any) -> ObjectId:
    """A stored run of the first application."""

    async def store() -> ObjectId:
        application = await first_application()
        values = {
            "application_id": application.key,
            "prompt_id": "greet",
            "version": "1.0.0",
            "prompt_version_id": VERSION,
            "model_provider": "openai",
            "model_name": "gpt-4o",
            "status": "success",
            "latency_ms": 842.4,
            "input_tokens": 9,
            "output_tokens": 3,
            "token_count": 12,
            "cost_usd": Decimal("0.5"),
            "cost_status": "priced",
            "created_at": clock.now(),
            **fields,
        }
        return (await ExecutionLog.model_validate(values).insert()).application_id

    return bridge.run(store())


def count_again(days: int) -> None:
    """Count what was stored with a moment long past, as if it had been run then."""
    now = clock.now()
    bridge.run(rebuild(now - timedelta(days=days + 1), now - timedelta(days=days - 1)))


def an_anomaly(application_id: ObjectId, **fields: Any) -> Anomaly:
    now = clock.now()
    values = {
        "application_id": application_id,
        "prompt_version_id": VERSION,
        "prompt_id": "greet",
        "version": "1.0.0",
        "provider": "openai",
        "model": "gpt-4o",
        "measure": "cost",
        "pattern": "spike",
        "started_at": now - timedelta(hours=30),
        "last_seen_at": now - timedelta(hours=29),
        "observed": 0.026,
        "expected": 0.01,
        "expected_low": 0.008,
        "expected_high": 0.012,
        "runs": 31,
        **fields,
    }
    return bridge.run(Anomaly.model_validate(values).insert())


def metrics(app: AppTest) -> dict[str, tuple[str, str]]:
    return {one.label: (one.value, one.delta) for one in app.metric}


def texts(app: AppTest) -> str:
    return "\n".join(one.value for one in [*app.markdown, *app.caption, *app.error])


def charts(app: AppTest) -> list[str]:
    found: list[Any] = list(app.get("plotly_chart"))
    return [one.proto.alt for one in found]


@pytest.mark.usefixtures("owner")
def test_the_page_says_what_it_is_for_while_nothing_was_run(ui: Ui) -> None:
    app = ui.open("analytics")

    assert not app.exception
    assert "Nothing was run yet." in texts(app)
    assert not app.metric


@pytest.mark.usefixtures("owner")
def test_figures_are_told_against_the_period_before(ui: Ui) -> None:
    a_run()
    a_run(status="failed", cost_usd=None, cost_status="unknown")
    a_run(created_at=clock.now() - timedelta(days=45))
    count_again(45)

    app = ui.open("analytics")

    assert not app.exception
    shown = metrics(app)
    assert shown["Cost"] == ("\\$0.500", "no change")
    assert shown["Runs"] == ("2", "+100 %")
    assert shown["Success"] == ("50.0 %", "-50.0 pts")
    assert shown["Rating"][0] == "—"
    assert "30 days to" in texts(app)
    assert "the cost leaves out 1 answer of unknown price" in texts(app)
    assert [chart.partition(" ")[0] for chart in charts(app)] == [
        "Cost", "Latency", "Tokens", "Failed",
    ]  # fmt: skip
    assert "No version has both a rating and a known price" in texts(app)


@pytest.mark.usefixtures("owner")
def test_one_of_several_applications_is_looked_at_by_its_address(ui: Ui) -> None:
    a_run()
    other = bridge.run(an_application(name="Support <b>desk</b>", time_zone="Europe/Paris"))
    a_run(application_id=other.key)

    one = ui.open("analytics", application=str(other.key))
    every = ui.open("analytics", application=str(ObjectId()))

    assert not one.exception
    assert (metrics(one)["Runs"][0], metrics(every)["Runs"][0]) == ("1", "2")
    assert "Europe/Paris" in texts(one)
    every.segmented_control("usage_table").set_value("Application").run()
    assert "Support <b>desk</b>" in str(every.dataframe[0].value)


@pytest.mark.usefixtures("owner")
def test_the_address_names_prompt_model_period_and_bucket(ui: Ui) -> None:
    a_run()
    a_run(prompt_id="other", model_name="gpt-5")
    a_run(created_at=clock.now() - timedelta(days=200))
    count_again(200)

    app = ui.open("analytics", prompt="greet", model="openai/gpt-4o", span="1 y", bucket="month")

    assert metrics(app)["Runs"][0] == "2"
    assert "365 days to" in texts(app)
    assert app.get("button_group")
    assert metrics(ui.open("analytics", prompt="other"))["Runs"][0] == "1"
    empty = ui.open("analytics", prompt="other", model="openai/gpt-4o")
    assert "Remove the prompt other, the model openai/gpt-4o" in texts(empty)
    empty.button(key="usage_everything").click().run()
    assert metrics(empty)["Runs"][0] == "3"


@pytest.mark.usefixtures("owner")
def test_hostile_names_are_plain_words(ui: Ui) -> None:
    application_id = a_run(prompt_id="evil", model_name=":red[x]")

    async def store() -> None:
        await Prompt(
            prompt_id="evil", name="<b>:red[$x$]", application_id=application_id, created_by=""
        ).insert()

    bridge.run(store())
    an_anomaly(application_id, prompt_id="evil", model=":red[x]")

    app = ui.open("analytics")

    assert not app.exception
    assert "*\\<b\\>\\:red\\[\\$x\\$\\]*" in texts(app)


@pytest.mark.usefixtures("owner")
def test_what_is_unusual_is_told_with_its_cause_and_acknowledged(ui: Ui) -> None:
    application_id = a_run()
    at = clock.now() - timedelta(hours=30)
    change = {"kind": "publish", "at": at, "subject": "Greet", "before": "0.9.0", "after": "1.0.0"}
    found = an_anomaly(application_id, changes=[change])

    app = ui.open("analytics")

    told = texts(app)
    assert "gpt-4o: cost of a run 2.6 times the usual" in told
    assert "published Greet from 0.9.0 to 1.0.0" in told
    app.button(key=f"seen_{found.key}").click().run()
    stored = bridge.run(Anomaly.get(found.key))
    assert stored is not None
    assert stored.acknowledged_at is not None
    assert ":gray-badge[:material/check: Seen]" in texts(app)


@pytest.mark.usefixtures("owner")
def test_what_is_muted_is_told_so_and_can_warn_again(ui: Ui) -> None:
    found = an_anomaly(a_run(), muted_until=clock.now() + timedelta(days=1))

    app = ui.open("analytics")

    assert ":gray-badge[:material/notifications_off: Muted]" in texts(app)
    app.button(key=f"unmute_{found.key}").click().run()
    stored = bridge.run(Anomaly.get(found.key))
    assert stored is not None
    assert state_of(stored, clock.now()) == "open"
    assert ":orange-badge[:material/troubleshoot: Unusual]" in texts(app)


def test_viewers_see_their_application_and_change_nothing(ui: Ui, owner: Scope) -> None:
    application_id = a_run()
    found = an_anomaly(application_id)
    grace = ui.add_user("grace@example.org")
    ui.sign_in(grace)
    assert "Nothing was run yet." in texts(ui.open("analytics", application=str(application_id)))

    bridge.run(set_member(owner, application_id, grace.key, "viewer"))
    ui.sign_in(grace)
    app = ui.open("analytics")

    assert not app.exception
    assert metrics(app)["Runs"][0] == "1"
    assert "Unusual" in texts(app)
    assert not [button for button in app.button if button.key == f"seen_{found.key}"]


@pytest.mark.usefixtures("owner")
def test_a_budget_is_told_when_little_is_left(ui: Ui) -> None:
    application_id = a_run()

    async def limit(spent: str) -> None:
        application = await first_application()
        await Application.collection().update_one(
            {"_id": application_id}, {"$set": {"limits.monthly_budget_usd": 100.0}}
        )
        await Spending.collection().delete_many({})
        month = month_at(clock.now(), application.time_zone)
        await Spending(
            application_id=application_id, month=month, spent_usd=Decimal(spent)
        ).insert()

    bridge.run(limit("79"))
    assert not ui.open("analytics").get("progress")
    chosen: Any = ui.open("analytics", application=str(application_id)).get("progress")[0]
    assert "\\$79.00 of \\$100 (79.0 %)" in chosen.proto.text
    bridge.run(limit("85"))
    warned: Any = ui.open("analytics").get("progress")[0]
    assert ":orange-badge[:material/warning: Budget]" in warned.proto.text


@pytest.mark.usefixtures("owner")
def test_publishes_of_the_period_are_marked(ui: Ui) -> None:
    application_id = a_run()

    async def publish() -> None:
        prompt = await Prompt(
            prompt_id="greet", name="Greet", application_id=application_id, created_by=""
        ).insert()
        await PromptVersion(
            prompt_id=prompt.key,
            version="1.0.0",
            sequence=1,
            checksum="",
            content="",
            is_published=True,
            published_at=clock.now() - timedelta(days=2),
            publish_seq=1,
        ).insert()

    bridge.run(publish())

    chart: Any = ui.open("analytics").get("plotly_chart")[0]

    assert '"Greet 1.0.0"' in chart.proto.spec


def test_an_export_runs_no_formula() -> None:
    cells = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "plain, quoted", 5]

    text = to_csv([cells]).decode("utf-8-sig")

    assert text == "'=1+1,'+1,'-1,'@x,'\tx,\"'\rx\",\"plain, quoted\",5\r\n"
