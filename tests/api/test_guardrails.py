"""A check that refuses is a problem with the execution in it; verdicts stand in answers and log."""

from typing import Any

from tests.api.people import Desk, Visitor, a_desk
from tests.api.test_journeys import read_events

KEY = "AKIAIOSFODNN7EXAMPLE"
POLICY: dict[str, Any] = {
    "pre_validation": {"enabled": True, "validators": ["secrets"]},
    "post_validation": {"enabled": True, "prohibited_terms": ["Voldemort"]},
}


async def a_guarded_desk(visitor: Visitor) -> Desk:
    desk = await a_desk(visitor)
    saved = await desk.save("Say hello to {{ name }}!", guardrail_config=POLICY, model="demo/echo")
    (await desk.publish(saved.raise_for_status().json()["version"])).raise_for_status()
    return desk


async def execute(desk: Desk, name: str, **fields: Any) -> Any:
    return await desk.application.post(
        "/execute/greeting/latest", {"variables": {"name": name}, **fields}
    )


async def test_what_passes_shows_its_verdicts_in_the_answer_and_the_log(visitor: Visitor) -> None:
    desk = await a_guarded_desk(visitor)

    done = (await execute(desk, "Bo")).raise_for_status().json()

    row = (await desk.owner.get(f"/executions/{done['execution_id']}")).json()
    assert done["guardrails"] == row["guardrails"]
    assert [(v["check"], v["stage"], v["passed"], v["score"]) for v in done["guardrails"]] == [
        ("secrets", "input", True, 0.0),
        ("prohibited_terms", "output", True, None),
    ]


async def test_a_blocked_input_names_check_and_execution(visitor: Visitor) -> None:
    desk = await a_guarded_desk(visitor)

    for streams in (False, True):
        refused = await execute(desk, KEY, stream=streams)

        problem = refused.json()
        row = (await desk.owner.get(f"/executions/{problem['execution_id']}")).json()
        assert (refused.status_code, problem["code"]) == (422, "guardrail_blocked")
        assert (problem["stage"], problem["check"]) == ("input", "secrets")
        assert row["status"] == problem["execution_status"] == "blocked"
        assert KEY not in refused.text


async def test_a_blocked_answer_is_for_the_log_only(visitor: Visitor) -> None:
    desk = await a_guarded_desk(visitor)

    refused = await execute(desk, "VOLDEMORT the Great")
    events = read_events(await execute(desk, "VOLDEMORT the Great", stream=True))

    problem = refused.json()
    row = (await desk.owner.get(f"/executions/{problem['execution_id']}")).json()
    assert (refused.status_code, problem["check"]) == (422, "prohibited_terms")
    assert [name for name, _ in events] == ["start", "error"]
    assert events[1][1]["check"] == "prohibited_terms"
    assert "the Great" not in refused.text + str(events)
    assert "VOLDEMORT the Great" in row["output"]["text"]


async def test_an_unsound_policy_is_refused_when_it_is_saved(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    schema = {"post_validation": {"format_schema": {"$ref": "http://127.0.0.1:9/x"}}}

    refused = await desk.save("Hello {{ name }}", guardrail_config=schema)

    assert refused.status_code == 422
    assert refused.json()["field"] == "guardrail_config.post_validation.format_schema"
    assert refused.json()["remedy"]


async def test_a_verifier_is_linked_both_ways_and_without_a_verdict_the_policy_counts(
    visitor: Visitor,
) -> None:
    desk = await a_desk(visitor)
    # The offline demo answers, and as a verifier it replies no JSON.
    for on_failure in ("pass", "block"):
        check = {"rubric": "It greets.", "on_failure": on_failure}
        policy = {"post_validation": {"enabled": True, "verification": check}}
        saved = await desk.save("Hi {{ name }}", guardrail_config=policy, model="demo/echo")
        (await desk.publish(saved.raise_for_status().json()["version"])).raise_for_status()

    blocked = await execute(desk, "Bo")
    passed = await desk.application.post("/execute/greeting/1.0.1", {"variables": {"name": "Bo"}})

    done = passed.raise_for_status().json()
    (verdict,) = done["guardrails"]
    linked = (await desk.owner.get(f"/executions/{verdict['execution_id']}")).json()
    assert (verdict["check"], verdict["error_type"]) == ("verification", "unreadable")
    assert linked["verifies"] == done["execution_id"]
    assert linked["metadata"] == {"purpose": "verification"}
    assert (blocked.status_code, blocked.json()["check"]) == (422, "verification")


async def test_a_verifier_with_nothing_to_judge_by_is_refused_when_it_is_saved(
    visitor: Visitor,
) -> None:
    desk = await a_desk(visitor)
    policy = {"post_validation": {"verification": {"rubric": ""}}}

    refused = await desk.save("Hello {{ name }}", guardrail_config=policy)

    assert refused.status_code == 422
    assert refused.json()["field"] == "guardrail_config.post_validation.verification"
