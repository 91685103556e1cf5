"""Own the stored application: the owner of prompts, its members, limits and API key."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from beanie.odm.custom_types import DecimalAnnotation
from pydantic import BaseModel, Field
from pymongo import ASCENDING, IndexModel

from core.documents.base import Changing
from core.values.ids import Id
from prompthub.wire.literals import LogContent, Role

RetentionDays = Annotated[int, Field(ge=1, le=3650)]


class Member(BaseModel):
    """A user's role in an application."""

    user_id: Id
    role: Role


class Limits(BaseModel):
    """What an application may use up; None means the server's setting, or no limit."""

    executions_per_minute: int | None = Field(default=None, ge=1, le=1_000_000)
    monthly_budget_usd: DecimalAnnotation | None = Field(
        default=None, ge=Decimal(0), max_digits=18, decimal_places=6
    )
    hard_stop: bool = False


class Application(Changing):
    """A consumer of prompts; its key is stored as a SHA-256 digest only."""

    name: str
    description: str = ""
    api_key_hash: str
    api_key_prefix: str
    api_key_last_used_at: datetime | None = None
    owner_id: Id
    members: list[Member] = []
    is_active: bool = True
    allowed_models: list[str] = []
    limits: Limits = Limits()
    log_content: LogContent = "full"
    retention_days: RetentionDays | None = None
    # What the rows that are there are dated by.
    applied_retention_days: int | None = None
    time_zone: str = "UTC"

    class Settings:
        name = "applications"
        indexes = [
            IndexModel([("api_key_hash", ASCENDING)], name="api_key_hash", unique=True),
            IndexModel([("owner_id", ASCENDING)], name="owner_id"),
            IndexModel([("members.user_id", ASCENDING)], name="members_user_id"),
            IndexModel([("name", ASCENDING)], name="name"),
        ]
