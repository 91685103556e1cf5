"""Own the stored schema version of the database."""

from datetime import datetime
from typing import ClassVar

from bson import ObjectId

from core.documents.base import Stored


class SchemaMeta(Stored):
    """One document under `KEY`: the newest migration that has run, and who runs the next.

    `is_restoring` is set while a backup is being restored, so that half of one is never served.
    """

    KEY: ClassVar[ObjectId] = ObjectId("000000000000000000000001")

    version: int
    lease_owner: str | None = None
    lease_until: datetime | None = None
    is_restoring: bool = False

    class Settings:
        name = "schema_meta"
