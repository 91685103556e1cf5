"""Own what the checks of the input see of an execution."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from core.guardrails.base import CheckedInput
from core.templates.render import MarkedMessage
from core.values.messages import Message


def checked_input(
    messages: Sequence[MarkedMessage],
    variables: Mapping[str, Any],
    *,
    added: Sequence[Message] = (),
) -> CheckedInput:
    """Return what the caller gave and what would be sent.

    `messages` were rendered; `added` follow them, and are the caller's words throughout.

    What was given stands there as it was sent and as the templates printed it: either may hide
    what the other shows (a filter that changes it, two halves that only the template joins).
    """
    printed = (
        segment.text
        for message in messages
        for segment in message.segments
        if segment.variable in variables
    )
    rendered = ("".join(segment.text for segment in message.segments) for message in messages)
    said = [message.content for message in added]
    return CheckedInput(
        given="\n".join((*_texts(variables), *printed, *said)),
        sent="\n".join((*rendered, *said)),
    )


def _texts(variables: Mapping[str, Any]) -> Iterator[str]:
    """Yield every text and number in plain data, and the keys within; not the variables' names."""
    waiting = list(variables.values())
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            members = cast("Mapping[str, Any]", value)
            yield from members
            waiting += members.values()
        elif isinstance(value, (list, tuple)):
            waiting += cast("list[Any]", value)
        elif value is not None and not isinstance(value, bool):
            yield str(value)
