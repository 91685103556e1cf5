"""The limits of an application are set over REST and hold for whoever runs there."""

from decimal import Decimal

from bson import ObjectId

from core import clock
from core.documents import Spending
from tests.api.people import Visitor, a_desk


async def test_a_budget_set_by_its_admin_stops_runs_of_key_and_person(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    path = f"/applications/{desk.application_id}"
    limits = {"monthly_budget_usd": "2.50", "hard_stop": True}
    run = {"variables": {"name": "Bo"}}

    changed = await desk.owner.put(path, {"limits": limits})
    allowed = await desk.application.post("/execute/greeting/latest", run)
    month = f"{clock.now():%Y-%m}"
    spent = Decimal("2.5")
    await Spending(
        application_id=ObjectId(desk.application_id), month=month, spent_usd=spent
    ).insert()
    refused = [
        await desk.application.post("/execute/greeting/latest", run),
        await desk.application.post("/execute/greeting/latest", {**run, "stream": True}),
        await desk.owner.post(
            "/test-prompt",
            {"application_id": desk.application_id, "content": "Hi", "model": "demo/echo"},
        ),
    ]
    await desk.owner.put(path, {"limits": {**limits, "hard_stop": False}})
    again = await desk.application.post("/execute/greeting/latest", run)

    assert Decimal(changed.json()["limits"]["monthly_budget_usd"]) == spent
    assert (allowed.status_code, again.status_code) == (200, 200)
    for answer in refused:
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (402, "budget_exceeded")
        assert (problem["limit"], problem["unpriced"]) == ("2.5", 0)
    assert (await desk.owner.get("/executions")).json()["total"] == 2


async def test_executions_a_minute_set_by_its_admin_hold(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    await desk.owner.put(
        f"/applications/{desk.application_id}", {"limits": {"executions_per_minute": 1}}
    )

    answers = [
        await desk.application.post("/execute/greeting/latest", {"variables": {"name": "Bo"}})
        for _ in range(2)
    ]

    assert [one.status_code for one in answers] == [200, 429]


async def test_a_wrong_budget_is_refused_naming_the_field(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    path = f"/applications/{desk.application_id}"

    for budget in ("-1", "NaN", "1e40", "0.0000001"):
        refused = await desk.owner.put(path, {"limits": {"monthly_budget_usd": budget}})

        assert refused.status_code == 422, budget
        assert "monthly_budget_usd" in refused.json()["field"]
