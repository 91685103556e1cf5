"""Own the words about applications: what a role may do, and how a key was used."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, get_args

from core.documents import Application
from prompthub.wire.literals import Role
from streamlit_app.components.when import ago

ROLES: Final[tuple[Role, ...]] = get_args(Role)
WHAT_ROLES_DO: Final[Mapping[Role, str]] = MappingProxyType(
    {
        "viewer": "reads prompts, runs and figures",
        "editor": "writes drafts, runs and rates too",
        "operator": "publishes, moves labels and rolls back too",
        "admin": "manages key, members and limits too",
    }
)


def role_help() -> str:
    """Return what each role may do, as markdown for a help text."""
    return "  \n".join(f"**{role}** {what}." for role, what in WHAT_ROLES_DO.items())


def role_badge(role: Role, *, is_owner: bool = False) -> str:
    """Return the badge of the viewer's role."""
    word = "Owner" if is_owner else role.capitalize()
    return f":blue-badge[:material/shield_person: {word}]"


def state_badge(application: Application) -> str:
    """Return the badge of what is out of service, "" for all others."""
    return "" if application.is_active else ":gray-badge[:material/block: Deactivated]"


def last_use(application: Application) -> str:
    """Return when the key was last used, to the minute."""
    used = application.api_key_last_used_at
    return "key not used yet" if used is None else f"key used {ago(used)}"


def key_name(application: Application) -> str:
    """Return what of the key may be shown, as markdown."""
    return f"`{application.api_key_prefix}…`"
