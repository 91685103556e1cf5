"""Own the rule that what is out of service does not change: a prompt, and with its application."""

from core.documents import Application, Prompt
from core.errors import Conflict


async def require_in_service(prompt: Prompt) -> None:
    """Pass while the prompt and its application are active; reading needs neither.

    Raises:
        Conflict: one of them is deactivated.
    """
    if not prompt.is_active:
        raise Conflict("The prompt is not active; restore it first.")
    active = {"_id": prompt.application_id, "is_active": True}
    if await Application.collection().find_one(active, {"_id": 1}) is None:
        raise Conflict("The application is not active; restore it first.")
