"""Who an operation is meant for: the least that somebody must be for it to be done."""

from typing import Final, Literal

Least = Literal["public", "anyone", "viewer", "editor", "operator", "admin", "superuser"]
ORDER: Final[tuple[Least, ...]] = (
    "public",
    "anyone",
    "viewer",
    "editor",
    "operator",
    "admin",
    "superuser",
)

APPLICATION: Final = "/applications/{application_id}"
PROMPT: Final = "/prompts/{prompt_id}"
ANOMALY: Final = "/analytics/anomalies/{anomaly_id}"
VERSION: Final = "/prompts/{prompt_id}/versions/{version}"

# "anyone" is about the own account, or shows the parts of what one has a role in.
LEAST: Final[dict[tuple[str, str], Least]] = {
    ("GET", "/health"): "public",
    ("GET", "/ready"): "public",
    ("GET", "/metrics"): "public",
    ("POST", "/auth/register"): "public",
    ("POST", "/auth/login"): "public",
    ("POST", "/auth/refresh"): "public",
    ("POST", "/auth/logout"): "anyone",
    ("POST", "/auth/change-password"): "anyone",
    ("POST", "/auth/accept-invitation"): "anyone",
    ("GET", "/auth/me"): "anyone",
    ("PUT", "/auth/me"): "anyone",
    ("GET", "/auth/sessions"): "anyone",
    ("DELETE", "/auth/sessions"): "anyone",
    ("DELETE", "/auth/sessions/{session_id}"): "anyone",
    ("GET", "/users"): "superuser",
    ("GET", "/users/{user_id}"): "superuser",
    ("PUT", "/users/{user_id}"): "superuser",
    ("POST", "/users/{user_id}/reset-password"): "superuser",
    ("GET", "/audit"): "admin",
    ("POST", "/connections"): "superuser",
    ("GET", "/connections"): "superuser",
    ("GET", "/connections/suggestions"): "superuser",
    ("GET", "/connections/{name}"): "superuser",
    ("PUT", "/connections/{name}"): "superuser",
    ("DELETE", "/connections/{name}"): "superuser",
    ("POST", "/connections/{name}/test"): "superuser",
    ("POST", "/applications"): "anyone",
    ("GET", "/applications"): "anyone",
    ("GET", APPLICATION): "viewer",
    ("PUT", APPLICATION): "admin",
    ("DELETE", APPLICATION): "admin",
    ("POST", f"{APPLICATION}/restore"): "admin",
    ("POST", f"{APPLICATION}/regenerate-key"): "admin",
    ("GET", f"{APPLICATION}/budget"): "admin",
    ("GET", f"{APPLICATION}/members"): "admin",
    ("PUT", f"{APPLICATION}/members/{{user_id}}"): "admin",
    ("DELETE", f"{APPLICATION}/members/{{user_id}}"): "admin",
    ("POST", f"{APPLICATION}/transfer"): "superuser",
    ("POST", f"{APPLICATION}/invitations"): "admin",
    ("GET", f"{APPLICATION}/invitations"): "admin",
    ("DELETE", f"{APPLICATION}/invitations/{{invitation_id}}"): "admin",
    ("GET", "/prompts/search"): "anyone",
    ("POST", "/prompts/semantic-search"): "anyone",
    ("GET", "/prompts/duplicates"): "anyone",
    ("GET", f"{PROMPT}/similar"): "viewer",
    ("POST", "/prompts"): "editor",
    ("GET", "/prompts"): "anyone",
    ("GET", PROMPT): "viewer",
    ("PUT", PROMPT): "editor",
    ("DELETE", PROMPT): "operator",
    ("POST", f"{PROMPT}/restore"): "operator",
    ("PUT", f"{PROMPT}/labels/{{label}}"): "operator",
    ("DELETE", f"{PROMPT}/labels/{{label}}"): "operator",
    ("GET", "/export"): "viewer",
    ("POST", "/import"): "editor",
    ("POST", f"{PROMPT}/duplicate"): "editor",
    ("POST", f"{PROMPT}/versions"): "editor",
    ("GET", f"{PROMPT}/versions"): "viewer",
    ("GET", VERSION): "viewer",
    ("PUT", VERSION): "editor",
    ("DELETE", VERSION): "editor",
    ("POST", f"{VERSION}/publish"): "operator",
    ("POST", f"{VERSION}/rollback"): "operator",
    ("GET", f"{VERSION}/dependents"): "viewer",
    ("GET", f"{VERSION}/diff/{{other}}"): "viewer",
    ("POST", f"{VERSION}/render"): "viewer",
    ("POST", f"{VERSION}/feedback"): "editor",
    ("GET", f"{VERSION}/feedback"): "viewer",
    ("POST", f"{VERSION}/validate"): "viewer",
    ("POST", f"{VERSION}/boost"): "editor",
    ("POST", "/execute/{prompt_id}/{version}"): "editor",
    ("POST", "/test-prompt"): "editor",
    ("GET", "/executions"): "anyone",
    ("GET", "/executions/{execution_id}"): "viewer",
    ("POST", "/executions/{execution_id}/erase"): "admin",
    ("POST", "/users/{user_id}/erase-data"): "superuser",
    ("GET", "/analytics/anomalies"): "anyone",
    ("POST", f"{ANOMALY}/acknowledge"): "editor",
    ("POST", f"{ANOMALY}/mute"): "operator",
    ("POST", "/extract/url"): "editor",
    ("POST", "/extract/text"): "editor",
    ("POST", "/extract/pdf"): "editor",
    ("POST", "/extract/bulk"): "editor",
    ("GET", "/jobs"): "anyone",
    ("GET", "/jobs/{job_id}"): "viewer",
    ("POST", "/jobs/{job_id}/cancel"): "editor",
    ("GET", "/extract/{source_id}"): "viewer",
    ("POST", "/extract/{source_id}/describe"): "editor",
    ("POST", "/extract/{source_id}/save"): "editor",
    ("GET", f"{PROMPT}/sources"): "viewer",
    ("POST", f"{PROMPT}/sources/{{source_id}}/check"): "editor",
    ("GET", "/analytics/usage"): "anyone",
    ("GET", "/analytics/costs"): "anyone",
    ("GET", "/analytics/performance"): "anyone",
}


def least_of(method: str, path: str) -> Least:
    """Return who may ask, or say what is missing."""
    known = LEAST.get((method, path))
    assert known is not None, (
        f"{method} {path} is new: say in tests/api/least_roles.py, LEAST, who may ask it."
    )
    return known
