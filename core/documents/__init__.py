"""One Beanie document per file; `ALL` is what the database is initialised with."""

from core.documents.anomaly import Anomaly, AnomalyProgress, Change
from core.documents.application import Application, Limits, Member
from core.documents.audit_event import AuditEvent
from core.documents.base import Changing, Stored, changed
from core.documents.comparison import CellState, Column, Comparison, Pick
from core.documents.connection import Connection
from core.documents.draft import Draft
from core.documents.example import Example
from core.documents.execution_log import ExecutionLog
from core.documents.feedback import Feedback
from core.documents.invitation import Invitation
from core.documents.job import Job, JobItem, JobProblem
from core.documents.prompt import Prompt
from core.documents.prompt_chunk import PromptChunk
from core.documents.prompt_source import PromptSource
from core.documents.prompt_version import PromptVersion
from core.documents.rollup_progress import RollupProgress
from core.documents.schema_meta import SchemaMeta
from core.documents.session import Session
from core.documents.source_review import SourceReview
from core.documents.source_text import SourceText
from core.documents.spending import Spending
from core.documents.typed_input import TypedInput
from core.documents.usage_rollup import UsageRollup
from core.documents.usage_series import UsageSeries
from core.documents.user import User

ALL: tuple[type[Stored], ...] = (
    User,
    Session,
    Application,
    Prompt,
    PromptVersion,
    PromptChunk,
    PromptSource,
    SourceText,
    SourceReview,
    ExecutionLog,
    Feedback,
    Anomaly,
    AnomalyProgress,
    AuditEvent,
    Comparison,
    Connection,
    Draft,
    Example,
    TypedInput,
    Invitation,
    Job,
    RollupProgress,
    SchemaMeta,
    Spending,
    UsageRollup,
    UsageSeries,
)

__all__ = [
    "ALL",
    "Anomaly",
    "AnomalyProgress",
    "Application",
    "AuditEvent",
    "CellState",
    "Change",
    "Changing",
    "Column",
    "Comparison",
    "Connection",
    "Draft",
    "Example",
    "ExecutionLog",
    "Feedback",
    "Invitation",
    "Job",
    "JobItem",
    "JobProblem",
    "Limits",
    "Member",
    "Pick",
    "Prompt",
    "PromptChunk",
    "PromptSource",
    "PromptVersion",
    "RollupProgress",
    "SchemaMeta",
    "Session",
    "SourceReview",
    "SourceText",
    "Spending",
    "Stored",
    "TypedInput",
    "UsageRollup",
    "UsageSeries",
    "User",
    "changed",
]
