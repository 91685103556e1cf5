"""Own what to call a person on a page."""

from core.documents import User
from streamlit_app.formats import plain


def called(user: User) -> str:
    """Return the name as markdown, else the address."""
    return plain(user.full_name) if user.full_name else address_of(user.email)


def address_of(email: str) -> str:
    """Return an address as markdown that makes no link of it."""
    return plain(email) if "`" in email else f"`{email}`"


def actor_of(actor: str) -> str:
    """Return who did something, as it is stored, as markdown that makes no link of an address."""
    # The word joiner keeps the address of a person from becoming a link for mail.
    return plain(actor.partition(":")[2] or actor).replace("@", "\u2060@")
