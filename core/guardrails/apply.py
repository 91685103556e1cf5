"""Own applying a version's policy: to what is about to be sent, and to the answer."""

import asyncio
import math
from collections.abc import Iterable

from core.errors import GuardrailBlocked
from core.guardrails import output_checks
from core.guardrails.base import CheckedInput, find_check
from core.values.guardrail_policy import PostValidation, PreValidation
from core.values.verdict import Verdict


async def check_input(policy: PreValidation, text: CheckedInput) -> tuple[Verdict, ...]:
    """Return the verdict of each validator, none when the policy is not enabled.

    Runs in a thread.

    Raises:
        Invalid: a validator is not known, as with a version saved where another was installed.
    """
    if not policy.enabled:
        return ()
    return await asyncio.to_thread(_judge_input, policy, text)


def _judge_input(policy: PreValidation, text: CheckedInput) -> tuple[Verdict, ...]:
    verdicts: list[Verdict] = []
    for check, argument in [find_check(validator) for validator in policy.validators]:
        found = check.score(text, argument)
        # A check that cannot count is no reason to send.
        score = 1.0 if math.isnan(found.score) else min(max(found.score, 0.0), 1.0)
        passed = score <= policy.threshold
        verdicts.append(
            Verdict(
                check=check.name, stage="input", passed=passed, score=score, reason=found.reason
            )
        )
    return tuple(verdicts)


async def check_output(policy: PostValidation, answer: str) -> tuple[Verdict, ...]:
    """Return the verdict of each check of the answer, none when the policy is not enabled.

    Runs in a thread.

    Raises:
        ValueError: a regular expression or the schema is refused; a saved policy holds none such.
    """
    if not policy.enabled:
        return ()
    return await asyncio.to_thread(output_checks.judge, policy, answer)


def require_passed(verdicts: Iterable[Verdict]) -> None:
    """Pass when every verdict did.

    Raises:
        GuardrailBlocked: one did not; it names the first.
    """
    for verdict in verdicts:
        if not verdict.passed:
            raise GuardrailBlocked(stage=verdict.stage, check=verdict.check, reason=verdict.reason)
