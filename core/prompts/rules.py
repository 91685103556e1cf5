"""Own the rules that the body of a version keeps, whoever saves or runs it."""

import asyncio

from core.guardrails.policy import check_policy
from core.templates.render import check_body
from core.values.body import VersionBody


async def check_rules(body: VersionBody) -> None:
    """Pass when a version can be kept: sound templates and fields, guardrails that can be applied.

    Takes up to a second, in a thread, so that others do not wait.

    Raises:
        TemplateInvalid: a template is refused.
        Invalid: a field is declared twice, has a reserved name, or a default of another type; or
            a check, a term or the schema of the guardrails cannot be used.
        TooLarge: the defaults are larger than 1 MiB together.
    """
    await asyncio.to_thread(_check, body)


def _check(body: VersionBody) -> None:
    check_body(body)
    check_policy(body.guardrail_config)
