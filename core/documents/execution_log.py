"""Own the stored execution: one row for each attempt to run a prompt."""

from datetime import datetime
from typing import Any, Final

from beanie.odm.custom_types import DecimalAnnotation
from bson import ObjectId
from pydantic import Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from core.documents.base import Stored
from core.values.ids import Id
from core.values.messages import Message
from prompthub.wire.literals import CostStatus, ExecutionStatus, FinishReason

UNSUCCESSFUL: Final = ("failed", "timeout", "blocked", "cancelled")


class ExecutionLog(Stored):
    """One execution, written before the model is called and closed exactly once.

    Times are milliseconds, `cost_usd` is unrounded US dollars and None when the price is unknown.
    `dependencies` are the versions that the prompt was made of.
    `request_digest` and `error_facts` are there for a repetition under the same key.
    Of a row with `erased_at` the words are gone and the figures are left.
    `lease_until` bounds how long a row may stay running without a sign of life.
    """

    prompt_version_id: Id | None = None
    application_id: Id
    prompt_id: str | None = None
    version: str | None = None
    user_id: Id | None = None
    model_provider: str
    model_name: str
    response_model: str | None = None
    input_data: dict[str, Any] = Field(default_factory=dict[str, Any])
    rendered_messages: list[Message] = Field(default_factory=list[Message])
    output_data: dict[str, Any] = Field(default_factory=dict[str, Any])
    latency_ms: float | None = None
    time_to_first_token_ms: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    token_count: int | None = None
    tokens_estimated: bool = False
    cost_usd: DecimalAnnotation | None = None
    cost_status: CostStatus = "unknown"
    unit_prices: dict[str, str] = Field(default_factory=dict[str, str])
    status: ExecutionStatus = "running"
    error_type: str | None = None
    error_message: str | None = None
    attempts: int = 0
    lease_owner: str | None = None
    lease_until: datetime | None = None
    guardrail_verdicts: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])
    findings: list[dict[str, str]] = Field(default_factory=list[dict[str, str]])
    dependencies: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])
    omitted_params: list[str] = Field(default_factory=list[str])
    finish_reason: FinishReason | None = None
    idempotency_key: str | None = None
    request_digest: str | None = None
    error_facts: dict[str, str] = Field(default_factory=dict[str, str])
    comparison_id: str | None = None
    verifies: Id | None = None
    metadata: dict[str, Any] = Field(default_factory=dict[str, Any])
    request_id: str | None = None
    finished_at: datetime | None = None
    expires_at: datetime | None = None
    erased_at: datetime | None = None

    class Settings:
        name = "execution_logs"
        indexes = [
            IndexModel([("created_at", DESCENDING), ("_id", DESCENDING)], name="recent"),
            IndexModel(
                [("application_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)],
                name="application_recent",
            ),
            IndexModel(
                [("prompt_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)],
                name="prompt_recent",
            ),
            IndexModel(
                [("prompt_version_id", ASCENDING), ("created_at", DESCENDING)],
                name="version_recent",
            ),
            IndexModel(
                [
                    ("prompt_id", ASCENDING),
                    ("version", ASCENDING),
                    ("created_at", DESCENDING),
                    ("_id", DESCENDING),
                ],
                name="prompt_version_recent",
            ),
            # What went wrong is looked for, and is the lesser part; what went well is everywhere.
            IndexModel(
                [("status", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)],
                name="status_recent",
                partialFilterExpression={"status": {"$in": list(UNSUCCESSFUL)}},
            ),
            # Runs by key are nobody's.
            IndexModel(
                [("user_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)],
                name="user_recent",
                partialFilterExpression={"user_id": {"$gt": ObjectId("0" * 24)}},
            ),
            IndexModel(
                [("application_id", ASCENDING), ("idempotency_key", ASCENDING)],
                name="idempotency_key",
                unique=True,
                partialFilterExpression={"idempotency_key": {"$type": "string"}},
            ),
            IndexModel(
                [("lease_until", ASCENDING)],
                name="running_leases",
                partialFilterExpression={"status": "running"},
            ),
            IndexModel([("expires_at", ASCENDING)], name="expires_at", expireAfterSeconds=0),
        ]
