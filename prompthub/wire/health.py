"""Own the shapes of health and readiness."""

from typing import Literal

from prompthub.wire.base import Answer


class Health(Answer):
    """The process answers."""

    status: Literal["ok"] = "ok"
    version: str


class Readiness(Answer):
    """Whether requests can be served, and what works in part only."""

    status: Literal["ready"] = "ready"
    degraded: list[str]
