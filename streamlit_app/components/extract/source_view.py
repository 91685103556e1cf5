"""Own how a source is shown: its text as it is, with the proposals marked and clickable.

The text is somebody else's: it becomes text nodes and nothing else, so that nothing in it runs.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

import streamlit as st
from streamlit.components.v2 import component

_HERE = Path(__file__).parent
_render = component(
    "prompthub_source_view",
    html='<div data-host role="region" tabindex="0"></div>',
    css=(_HERE / "source_view.css").read_text(encoding="utf-8"),
    js=(_HERE / "source_view.js").read_text(encoding="utf-8"),
)


def source_view(
    pieces: Sequence[Mapping[str, Any]],
    *,
    key: str,
    chosen: tuple[int, int] | None,
    scrolled: int,
    height: int,
    on_pick: Callable[[int, int], None],
    on_widen: Callable[[int], None],
    on_mark: Callable[[int, int], None] | None = None,
) -> None:
    """Show the pieces in a box of `height` px; a click on a mark or a gap calls back.

    With `on_mark` a selected stretch can be marked.

    The chosen mark scrolls into view whenever another is chosen or `scrolled` changes; so does
    its proposal, which has the key `found_START`.
    """

    def widened() -> None:
        start = _sent(key, "widened", "start")
        if start is not None:
            on_widen(start)

    _render(
        key=key,
        data={
            "pieces": list(pieces),
            "chosen": chosen[0] if chosen else None,
            "scrolled": scrolled,
            "height": height,
            "marks": on_mark is not None,
        },
        on_picked_change=partial(_hand_on, key, "picked", on_pick),
        on_marked_change=partial(_hand_on, key, "marked", on_mark),
        on_widened_change=widened,
    )


def _hand_on(key: str, part: str, to: Callable[[int, int], None] | None) -> None:
    start, end = _sent(key, part, "start"), _sent(key, part, "end")
    if to is not None and start is not None and end is not None:
        to(start, end)


def _sent(key: str, part: str, name: str) -> int | None:
    """Return a number that the browser sent; whatever else it sent is no answer."""
    state: object = st.session_state.get(key)
    found = cast("Mapping[str, object]", state).get(part) if isinstance(state, Mapping) else None
    value = cast("Mapping[str, object]", found).get(name) if isinstance(found, Mapping) else None
    return value if isinstance(value, int) and 0 <= value < 2**31 else None
