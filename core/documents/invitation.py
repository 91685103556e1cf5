"""Own the stored invitation: an address that may register by a link, and what it will belong to."""

from datetime import datetime, timedelta
from typing import Final

from pymongo import ASCENDING, IndexModel

from core.documents.base import Stored
from core.values.ids import Id
from prompthub.wire.literals import Role

# Kept for so long after its end, to tell who comes late what happened to the link.
REMEMBERED: Final = timedelta(days=90)


class Invitation(Stored):
    """An invitation of one address into one application; only the token's digest is stored.

    `claimed_by` is the account that uses it just now, until `claimed_until` or, once
    `accepted_at` is set, for good.
    """

    application_id: Id
    email: str
    role: Role
    token_digest: str
    invited_by: str
    expires_at: datetime
    claimed_by: Id | None = None
    claimed_until: datetime | None = None
    accepted_at: datetime | None = None
    revoked_at: datetime | None = None

    class Settings:
        name = "invitations"
        indexes = [
            IndexModel([("token_digest", ASCENDING)], name="token_digest", unique=True),
            IndexModel(
                [("application_id", ASCENDING), ("email", ASCENDING)], name="application_email"
            ),
            IndexModel(
                [("expires_at", ASCENDING)],
                name="expires_at",
                expireAfterSeconds=int(REMEMBERED.total_seconds()),
            ),
            IndexModel(
                [("claimed_until", ASCENDING)],
                name="claimed_until",
                partialFilterExpression={"claimed_until": {"$type": "date"}},
            ),
        ]
