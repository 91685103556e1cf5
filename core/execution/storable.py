"""Own the check that messages of a caller can follow the rendered ones, and can be stored."""

from collections.abc import Sequence
from typing import Final

from core.errors import Invalid, TooLarge
from core.values.messages import Message
from core.values.storable import check_storable

# As much as the content of a version.
MAX_MESSAGE_BYTES: Final = 64 * 1024


def check_messages(messages: Sequence[Message]) -> None:
    """Pass for messages that a model can be sent after the rendered ones.

    Raises:
        Invalid: one is blank, or cannot be stored.
        TooLarge: one is longer than `MAX_MESSAGE_BYTES`, or all are longer than `MAX_BYTES`.
    """
    check_storable([message.content for message in messages], field="message")
    for message in messages:
        if not message.content.strip():
            raise Invalid(
                "The message is blank.", field="message", remedy="Write something, or leave it out."
            )
        if len(message.content.encode()) > MAX_MESSAGE_BYTES:
            raise TooLarge(
                f"It is longer than {MAX_MESSAGE_BYTES // 1024} KiB.",
                field="message",
                limit=MAX_MESSAGE_BYTES,
            )
