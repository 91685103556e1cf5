"""Own the stored draft: what a user has typed into the editor and not yet saved as a version."""

from typing import Any

from pydantic import Field
from pymongo import ASCENDING, IndexModel

from core.documents.base import Changing
from core.values.ids import Id


class Draft(Changing):
    """One user's unsaved editor state of one prompt; `base_version` is what it started from."""

    user_id: Id
    prompt_id: Id
    base_version: str | None = None
    base_revision: int | None = None
    body: dict[str, Any] = Field(default_factory=dict[str, Any])

    class Settings:
        name = "drafts"
        indexes = [
            IndexModel(
                [("user_id", ASCENDING), ("prompt_id", ASCENDING)], name="user_prompt", unique=True
            )
        ]
