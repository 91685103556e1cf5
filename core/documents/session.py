"""Own the stored sign-in: browser cookie and REST token family in one."""

from datetime import datetime

from pymongo import ASCENDING, IndexModel

from core.documents.base import Stored
from core.values.ids import Id


class Session(Stored):
    """One sign-in of one user; only SHA-256 digests of its secrets are stored.

    It ends `idle_days` after its last use, and as soon as the user's epoch is another.
    """

    user_id: Id
    user_epoch: int = 0
    idle_days: int = 14
    family_id: str
    refresh_digest: str | None = None
    cookie_digest: str | None = None
    expires_at: datetime
    revoked_at: datetime | None = None
    user_agent: str = ""
    last_seen_at: datetime

    class Settings:
        name = "sessions"
        indexes = [
            IndexModel(
                [("refresh_digest", ASCENDING)],
                name="refresh_digest",
                unique=True,
                partialFilterExpression={"refresh_digest": {"$type": "string"}},
            ),
            IndexModel(
                [("cookie_digest", ASCENDING)],
                name="cookie_digest",
                unique=True,
                partialFilterExpression={"cookie_digest": {"$type": "string"}},
            ),
            IndexModel([("user_id", ASCENDING)], name="user_id"),
            IndexModel([("family_id", ASCENDING)], name="family", unique=True),
            IndexModel([("expires_at", ASCENDING)], name="expires_at", expireAfterSeconds=0),
        ]
