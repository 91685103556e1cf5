"""Own the stored user."""

from datetime import datetime

from pymongo import ASCENDING, IndexModel

from core.documents.base import Changing


class User(Changing):
    """A person with an account; `email` is lower-cased and in NFC.

    `is_founder` marks the first account: its unique index lets only one be the first.
    `session_epoch` is copied into each session and raised to end all of them at once.
    `stepping_down_at` announces that a superuser is about to stop being one.
    """

    email: str
    password_hash: str
    full_name: str = ""
    is_active: bool = True
    is_superuser: bool = False
    is_founder: bool = False
    session_epoch: int = 0
    stepping_down_at: datetime | None = None

    class Settings:
        name = "users"
        indexes = [
            IndexModel([("email", ASCENDING)], name="email", unique=True),
            IndexModel(
                [("is_founder", ASCENDING)],
                name="founder",
                unique=True,
                partialFilterExpression={"is_founder": True},
            ),
        ]
