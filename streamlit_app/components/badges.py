"""Own the badges: one colour, one icon and one word for each state, as markdown."""

from collections.abc import Mapping
from types import MappingProxyType

from prompthub.wire.literals import ExecutionStatus, PromptState
from streamlit_app.formats import plain

_STATUS: Mapping[ExecutionStatus, str] = MappingProxyType(
    {
        "success": ":green-badge[:material/check: Success]",
        "failed": ":red-badge[:material/error: Failed]",
        "timeout": ":red-badge[:material/timer_off: Timeout]",
        "blocked": ":orange-badge[:material/shield: Blocked]",
        "cancelled": ":gray-badge[:material/block: Cancelled]",
        "running": ":blue-badge[:material/progress_activity: Running]",
        "queued": ":blue-badge[:material/schedule: Queued]",
    }
)
_STATE: Mapping[PromptState, tuple[str, str, str]] = MappingProxyType(
    {
        "published": ("green", "check_circle", "Published"),
        "draft": ("gray", "edit_note", "Draft"),
        "inactive": ("gray", "archive", "Inactive"),
    }
)


def status_badge(status: ExecutionStatus) -> str:
    """Return the badge of an execution's status, for `st.markdown`."""
    return _STATUS[status]


def state_badge(state: PromptState, *, version: str = "") -> str:
    """Return the badge of a prompt's or version's state, e.g. "Draft 2.5.0"."""
    colour, icon, word = _STATE[state]
    return f":{colour}-badge[:material/{icon}: {word}{' ' + version if version else ''}]"


def label_badge(name: str, *, version: str = "") -> str:
    """Return the badge of a label, with the version it points at where that is news."""
    return f":violet-badge[:material/sell: {plain(name)}{' → ' + version if version else ''}]"


def changed_badge(words: str) -> str:
    """Return the badge of a value that differs from what is stored."""
    return f":blue-badge[:material/tune: {plain(words)}]"
