"""Own all that can be said about a version without a model: lint, closer looks, dry render."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from core.enhancement.branches import find_unreachable
from core.enhancement.placement import find_exposed
from core.enhancement.repetition import find_repeated
from core.enhancement.samples import sample_values
from core.errors import Invalid, TemplateInvalid
from core.providers.answer import estimate_usage
from core.providers.windows import find_window
from core.templates.lint import Finding, lint
from core.templates.render import TEMPLATE_FIELDS, render_messages
from core.values.body import VersionBody
from core.values.messages import Message

# In the order in which a model reads them.
SENT_FIELDS: Final = ("system_prompt", "content")
_BLOCKING: Final = frozenset({"syntax", "field"})


class Validation(NamedTuple):
    """The remarks, and the messages with sample values; None where they cannot be rendered."""

    findings: list[Finding]
    rendered: list[Message] | None


def validate(body: VersionBody, *, model: str | None = None) -> Validation:
    """Return all remarks on a version and its messages with sample values; never raises.

    `model` (connection/model) is asked for its window where the version names none. May compute
    for a second or two: call it in a thread.
    """
    findings = lint(body)
    if any(finding.code in _BLOCKING for finding in findings):
        return Validation(findings, None)
    for field in TEMPLATE_FIELDS:
        findings += find_unreachable(getattr(body, field), field=field)
    findings += find_repeated({field: getattr(body, field) for field in SENT_FIELDS})
    included = [one.include_name or "" for one in body.dependencies]
    for field in SENT_FIELDS:
        findings += find_exposed(
            getattr(body, field), field=field, fields=body.required_fields, trusted=included
        )
    try:
        rendered = render_messages(body, samples_of(body))
    except Invalid as error:
        return Validation([*findings, _not_rendered(error)], None)
    findings += _beyond_window(body, rendered, body.model or model)
    return Validation(findings, rendered)


def samples_of(body: VersionBody) -> Mapping[str, Any]:
    """Return sample values for what the version sends.

    Raises:
        TemplateInvalid: a template is refused.
    """
    return sample_values(body, [getattr(body, field) for field in SENT_FIELDS])


def _not_rendered(error: Invalid) -> Finding:
    is_placed = isinstance(error, TemplateInvalid)
    return Finding(
        "render",
        "warning",
        error.field if is_placed else "required_fields",
        (error.line if is_placed else None) or 1,
        1,
        f"With sample values it does not render: {error.message}",
        error.remedy or "Try it with values of your own.",
    )


def _beyond_window(body: VersionBody, messages: list[Message], model: str | None) -> list[Finding]:
    window = find_window(model) if model else None
    if window is None:
        return []
    asked = estimate_usage(messages, "").input_tokens
    answer = body.model_params.max_tokens or 0
    if asked + answer <= window:
        return []
    is_hopeless = asked > window
    said = f"about {asked:,} tokens" if is_hopeless else f"about {asked + answer:,} tokens"
    what = "The prompt alone" if is_hopeless else "The prompt and the answer it allows"
    return [
        Finding(
            "window",
            "error" if is_hopeless else "warning",
            "content" if is_hopeless else "model_params",
            1,
            1,
            f"{what} may take {said}; {model} takes {window:,}.",
            "Shorten the prompt, or choose a model with a larger window."
            if is_hopeless
            else "Lower max_tokens, shorten the prompt, or choose a model with a larger window.",
        )
    ]
