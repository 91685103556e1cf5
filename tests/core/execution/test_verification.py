import json
from decimal import Decimal
from typing import Any

import pytest

from core.documents import ExecutionLog, Spending
from core.errors import GuardrailBlocked, Invalid
from core.execution.request import Engine, ExecutionRequest
from core.execution.run import run
from core.guardrails.policy import check_policy
from core.prompts.publishing import publish_version
from core.prompts.versions import NewVersion, save_version
from core.providers.scripted import ScriptedProvider
from core.values.guardrail_policy import GuardrailPolicy
from core.values.scope import SYSTEM, Scope
from core.values.usage import Usage
from tests.builders import a_body
from tests.places import Place, an_engine, the_row

USAGE = Usage(input_tokens=10, output_tokens=4)
COST = Decimal("0.0000039")
YES = '{"passed": true, "reason": "It greets."}'
NO = '```json\n{"passed": false, "reason": "It is rude."}\n```'


def verified(place: Place, **verification: Any) -> ExecutionRequest:
    policy = {"enabled": True, "verification": {"rubric": "It greets politely.", **verification}}
    return place.request(body=a_body(guardrail_config={"post_validation": policy}))


def judging(*replies: str) -> tuple[ScriptedProvider, Engine]:
    """An engine whose model answers and then gives these verdicts."""
    provider = ScriptedProvider(["Hello Ada", *replies], usage=USAGE)
    return provider, an_engine(provider)


async def rows() -> tuple[ExecutionLog, ExecutionLog]:
    """The row of the answer and that of its verification."""
    answered, verification = await ExecutionLog.find_all().sort("_id").to_list()
    return answered, verification


async def test_an_accepted_answer_carries_the_verdict_and_links_its_call(place: Place) -> None:
    provider, engine = judging(YES)

    result = await run(place.scope, verified(place), engine=engine)

    answered, verification = await rows()
    (verdict,) = result.guardrails
    material = json.loads(provider.requests[1].messages[-1].content)
    assert (verdict.check, verdict.stage, verdict.passed) == ("verification", "output", True)
    assert verdict.execution_id == str(verification.key)
    assert verification.verifies == answered.key
    assert (answered.status, verification.status) == ("success", "success")
    assert answered.cost_usd == verification.cost_usd == COST
    assert (await Spending.find_all().to_list())[0].spent_usd == 2 * COST
    assert material["answer"] == "Hello Ada"
    assert material["rubric"] == "It greets politely."
    assert material["request"][0]["content"] == "Say hello to Ada."


async def test_a_refused_answer_is_blocked_and_its_reason_stands_in_the_linked_row(
    place: Place,
) -> None:
    _, engine = judging(NO)

    with pytest.raises(GuardrailBlocked) as raised:
        await run(place.scope, verified(place), engine=engine)

    answered, verification = await rows()
    assert (raised.value.stage, raised.value.check) == ("output", "verification")
    assert "rude" not in raised.value.reason
    assert (answered.status, verification.status) == ("blocked", "success")
    assert verification.output_data["text"] == NO


@pytest.mark.parametrize("reply", ["It is fine.", '{"passed": "yes"}', "[]", "[" * 5000])
@pytest.mark.parametrize("on_failure", ["block", "pass"])
async def test_a_verifier_without_a_verdict_means_what_the_policy_says(
    place: Place, reply: str, on_failure: str
) -> None:
    _, engine = judging(reply)
    request = verified(place, on_failure=on_failure)

    if on_failure == "block":
        with pytest.raises(GuardrailBlocked, match="no verdict"):
            await run(place.scope, request, engine=engine)
    else:
        await run(place.scope, request, engine=engine)

    (verdict,) = (await rows())[0].guardrail_verdicts
    assert (verdict["passed"], verdict["error_type"]) == (on_failure == "pass", "unreadable")


async def test_a_verifier_that_cannot_be_called_is_a_typed_verdict(place: Place) -> None:
    _, engine = judging(YES)
    request = verified(place, model="nowhere/judge", on_failure="pass")

    result = await run(place.scope, request, engine=engine)

    (verdict,) = result.guardrails
    answered, verification = await rows()
    assert (verdict.passed, verdict.error_type) == (True, verification.error_type)
    assert verdict.execution_id == str(verification.key)
    assert (answered.status, verification.status) == ("success", "failed")


async def test_sources_come_from_a_variable_and_without_them_there_is_no_verdict(
    place: Place,
) -> None:
    provider, engine = judging(YES)
    by_sources = verified(place, rubric="", sources_variable="name")
    without = verified(place, rubric="", sources_variable="passages")

    await run(place.scope, by_sources, engine=engine)
    with pytest.raises(GuardrailBlocked):
        await run(place.scope, without, engine=an_engine(ScriptedProvider(["Hello"])))

    assert json.loads(provider.requests[1].messages[-1].content)["sources"] == "Ada"
    last = await ExecutionLog.find_all().sort("-_id").first_or_none()
    assert last is not None
    assert last.guardrail_verdicts[0]["error_type"] == "no_sources"


async def test_an_applications_key_runs_what_is_verified(place: Place) -> None:
    policy = {"enabled": True, "verification": {"rubric": "It greets."}}
    new = NewVersion(body=a_body("Hi {{ name }}", guardrail_config={"post_validation": policy}))
    saved = await save_version(SYSTEM, place.prompt, new)
    version = await publish_version(SYSTEM, place.prompt, saved.version.version)
    key = Scope(kind="application", roles={place.application.key: "viewer"}, actor="application:x")
    _, engine = judging(YES)

    result = await run(key, place.request(version=version.version), engine=engine)

    assert [verdict.passed for verdict in result.guardrails] == [True]


async def test_nothing_is_paid_for_an_answer_that_another_check_refuses(place: Place) -> None:
    provider, engine = judging(YES)
    policy: dict[str, Any] = {
        "enabled": True,
        "prohibited_terms": ["Ada"],
        "verification": {"rubric": "It greets."},
    }
    request = place.request(body=a_body(guardrail_config={"post_validation": policy}))

    with pytest.raises(GuardrailBlocked):
        await run(place.scope, request, engine=engine)

    assert len(provider.requests) == 1
    assert (await the_row()).status == "blocked"


def test_a_verifier_needs_something_to_judge_by() -> None:
    policy = GuardrailPolicy.model_validate({"post_validation": {"verification": {"rubric": " "}}})

    with pytest.raises(Invalid) as raised:
        check_policy(policy)

    assert raised.value.facts["field"] == "guardrail_config.post_validation.verification"


def test_a_body_without_a_verifier_keeps_its_checksum() -> None:
    body = a_body(guardrail_config={"post_validation": {"enabled": True}})

    assert "verification" not in json.dumps(body.canonical())
