"""Own the stored schema version of the database."""

from typing import ClassVar

from core.documents.base import Stored


class SchemaMeta(Stored):
    """One document: the number of the newest migration that has run."""

    version: int
    SINGLETON: ClassVar[str] = "schema"
    name: str = SINGLETON

    class Settings:
        name = "schema_meta"
