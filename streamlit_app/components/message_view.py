"""Own how messages to a model are shown: exactly as they are, filled-in values marked."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from streamlit.components.v2 import component

_HERE = Path(__file__).parent
_render = component(
    "prompthub_message_view",
    html='<div data-host role="region" tabindex="0"></div>',
    css=(_HERE / "message_view.css").read_text(encoding="utf-8"),
    js=(_HERE / "message_view.js").read_text(encoding="utf-8"),
)


class Part(NamedTuple):
    """A piece of a message; `marked` where it was filled in."""

    text: str
    marked: bool = False


class ShownMessage(NamedTuple):
    """One message in pieces."""

    role: str
    parts: Sequence[Part]


def message_view(
    messages: Sequence[ShownMessage], *, key: str, label: str, height: int | None = None
) -> None:
    """Show messages in a box that scrolls beyond `height` px, or grows where it is None.

    White space is kept, and nothing in the text is read as markdown or HTML.
    """
    _render(
        key=key,
        data={
            "label": label,
            "height": height,
            "messages": [
                {"role": message.role, "parts": [part._asdict() for part in message.parts]}
                for message in messages
            ],
        },
    )
