"""Own the closed sets of words that are stored, sent and shown."""

from typing import Literal

Role = Literal["viewer", "editor", "operator", "admin"]
FieldType = Literal["string", "number", "boolean", "array", "object"]
Bump = Literal["major", "minor", "patch"]
DependencyType = Literal["system_prompt", "metaprompt", "guardrail", "include"]
ExecutionStatus = Literal[
    "queued", "running", "success", "failed", "timeout", "blocked", "cancelled"
]
CostStatus = Literal["priced", "unknown", "free"]
FinishReason = Literal["stop", "length", "tool_call", "content_filter", "error"]
LogContent = Literal["full", "none"]
CheckStage = Literal["input", "output"]
VerifierFailure = Literal["block", "pass"]
PromptState = Literal["published", "draft", "inactive"]
MessageRole = Literal["system", "user", "assistant"]
ConnectionKind = Literal["openai", "anthropic", "compatible", "langchain", "scripted"]
StorableKind = Literal["openai", "anthropic", "compatible", "langchain"]
SearchMode = Literal["hybrid", "lexical"]
Likeness = Literal["same", "similar"]
AnomalyMeasure = Literal["tokens", "cost", "latency", "errors", "blocks"]
AnomalyPattern = Literal["spike", "shift"]
AnomalyState = Literal["open", "acknowledged", "muted"]
ChangeKind = Literal[
    "publish", "rollback", "label", "new_version", "new_model", "new_price", "connection"
]
BudgetLevel = Literal["unlimited", "within", "nearly", "used_up"]
ProposalKind = Literal["prompt", "answer"]
SourceType = Literal["web", "pdf", "manual"]
JobKind = Literal["extract_pages"]
JobStatus = Literal["queued", "running", "done", "failed", "cancelled"]
JobItemState = Literal["waiting", "running", "done", "failed", "cancelled"]
