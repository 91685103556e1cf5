"""Every operation of the API's own description, ready to be asked."""

from dataclasses import dataclass
from typing import Any

from tests.api.people import Desk, Visitor

PREFIX = "/api/v1"
# Who may ask these is everybody; any other route without credentials is a hole.
PUBLIC = {
    ("GET", "/health"),
    ("GET", "/ready"),
    ("GET", "/metrics"),
    ("POST", "/auth/register"),
    ("POST", "/auth/login"),
    ("POST", "/auth/refresh"),
}

ALL_PARTS = [
    "application_id",
    "prompt_id",
    "version",
    "other",
    "label",
    "name",
    "user_id",
    "session_id",
    "execution_id",
    "invitation_id",
    "anomaly_id",
    "source_id",
    "job_id",
]


@dataclass(frozen=True)
class Operation:
    """One method of one path template."""

    method: str
    path: str
    takes_key: bool

    def path_with(self, **parts: str) -> str:
        return self.path.format(**parts)


async def list_operations(visitor: Visitor) -> list[Operation]:
    """Return what the description names, so that a new route is walked by itself."""
    schema: dict[str, Any] = (await visitor.client.get("/api/openapi.json")).json()
    return [
        Operation(
            method.upper(),
            path.removeprefix(PREFIX),
            takes_key={"api_key": []} in operation.get("security", []),
        )
        for path, item in schema["paths"].items()
        for method, operation in item.items()
    ]


def parts_of(desk: Desk, **others: str) -> dict[str, str]:
    """Return path parts that name the things of a desk."""
    return {
        "application_id": desk.application_id,
        "prompt_id": desk.prompt_id,
        "version": "1.0.0",
        "other": "1.0.0",
        "label": "production",
        "name": "local",
        "anomaly_id": "0" * 24,
        "source_id": "0" * 24,
        "job_id": "0" * 24,
        **others,
    }


# Bodies that would be accepted from somebody who may.
BODIES: dict[tuple[str, str], Any] = {
    ("PUT", "/applications/{application_id}"): {"name": "Stolen"},
    ("PUT", "/applications/{application_id}/members/{user_id}"): {"role": "admin"},
    ("POST", "/applications/{application_id}/transfer"): {"user_id": "6560a0f00000000000000000"},
    ("POST", "/applications/{application_id}/invitations"): {
        "email": "eve@example.org",
        "role": "admin",
    },
    ("PUT", "/prompts/{prompt_id}"): {"name": "Stolen"},
    ("PUT", "/prompts/{prompt_id}/labels/{label}"): {"version": "1.0.0"},
    ("POST", "/prompts/{prompt_id}/duplicate"): {"prompt_id": "stolen"},
    ("POST", "/prompts/{prompt_id}/versions"): {"content": "Stolen."},
    ("PUT", "/prompts/{prompt_id}/versions/{version}"): {"content": "Stolen."},
    ("POST", "/prompts/{prompt_id}/versions/{version}/rollback"): {"reason": "theft"},
    ("POST", "/prompts/{prompt_id}/versions/{version}/render"): {"variables": {"name": "Bo"}},
    ("POST", "/prompts/{prompt_id}/versions/{version}/feedback"): {"rating": 1},
    ("POST", "/prompts/{prompt_id}/versions/{version}/boost"): {"model": "demo/echo"},
    ("POST", "/prompts/semantic-search"): {"query": "hello"},
    ("POST", "/execute/{prompt_id}/{version}"): {"variables": {"name": "Bo"}},
    ("PUT", "/users/{user_id}"): {"is_superuser": True},
    ("PUT", "/connections/{name}"): {"base_url": "http://127.0.0.1:9/v1"},
    ("POST", "/connections/{name}/test"): {},
    ("POST", "/users/{user_id}/reset-password"): {"new_password": "another horse battery"},
    ("POST", "/prompts"): {"application_id": "0" * 24, "name": "Stolen"},
    ("POST", "/test-prompt"): {"application_id": "0" * 24, "content": "Hi.", "model": "demo/echo"},
    ("POST", "/analytics/anomalies/{anomaly_id}/acknowledge"): {"note": "Known."},
    ("POST", "/analytics/anomalies/{anomaly_id}/mute"): {"hours": 1},
    ("POST", "/import"): {"application_id": "0" * 24, "prompts": []},
    ("POST", "/applications"): {"name": "Mine"},
    ("POST", "/extract/url"): {"application_id": "0" * 24, "url": "http://127.0.0.1:9/"},
    ("POST", "/extract/bulk"): {"application_id": "0" * 24, "urls": ["http://127.0.0.1:9/"]},
    ("POST", "/extract/text"): {"application_id": "0" * 24, "text": "Act as a cook."},
    ("POST", "/extract/{source_id}/describe"): {"model": "demo/echo"},
    ("POST", "/extract/{source_id}/save"): {
        "proposals": [{"start": 0, "end": 9, "name": "Stolen"}]
    },
    ("POST", "/connections"): {
        "name": "stolen",
        "kind": "compatible",
        "base_url": "http://127.0.0.1:9/v1",
    },
}
# What takes a form takes these fields and this file.
FORMS: dict[tuple[str, str], Any] = {("POST", "/extract/pdf"): {"file": b"%PDF-"}}
# These are about the account of whoever asks: tests of access ask them without a body.
NO_BODY_NEEDED = {
    ("POST", "/auth/register"),
    ("POST", "/auth/login"),
    ("POST", "/auth/refresh"),
    ("POST", "/auth/change-password"),
    ("POST", "/auth/accept-invitation"),
    ("PUT", "/auth/me"),
}
