"""Own the settings of the server: where it listens, what it limits and shows."""

import re
from typing import Final, Literal

from pydantic import Field, SecretStr, field_validator

from core.settings.section import Section

# A scheme and a host, as a browser writes them in the header Origin.
ORIGIN: Final = re.compile(
    r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?"
)
REDIS_SCHEMES: Final = ("redis://", "rediss://")
# Without a path to either signal, and without credentials: the address stands in log lines.
COLLECTOR: Final = re.compile(r"https?://[^/@?#\s]+(/[^@?#\s]*)?")


class ServerSettings(Section):
    """Where the application listens and what stands in front of it."""

    address: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8501, ge=1, le=65535, description="Port to listen on.")
    workers: int = Field(
        default=1,
        ge=1,
        le=64,
        description="Processes of `make api`; the application with its pages is always one.",
    )
    public_url: str = Field(
        default="",
        description="Address users see behind a proxy, e.g. https://prompts.example.org.",
    )
    trusted_proxies: tuple[str, ...] = Field(
        default=(),
        description="Addresses of proxies whose X-Forwarded-* headers are believed (JSON list).",
    )
    shutdown_seconds: float = Field(
        default=20,
        ge=0,
        le=3600,
        description="How long running executions may go on after the server was asked to stop.",
    )


class RedisSettings(Section):
    """Where several processes count limits together."""

    url: SecretStr | None = Field(
        default=None,
        description="Redis that holds the counters of limits, e.g. redis://localhost:6379/0; "
        "without it each process counts by itself.",
    )

    @field_validator("url")
    @classmethod
    def _check_scheme(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not url.get_secret_value():
            return None  # as docker-compose.yml passes on what is not set
        if url is not None and not url.get_secret_value().startswith(REDIS_SCHEMES):
            raise ValueError("must begin with redis:// or rediss://")
        return url


class ApiSettings(Section):
    """Limits of the REST API."""

    max_body_bytes: int = Field(default=1024 * 1024, ge=1024, description="Largest request body.")
    max_import_bytes: int = Field(
        default=20 * 1024 * 1024, ge=1024, description="Largest file of prompts to import."
    )
    requests_per_minute: int = Field(
        default=600_000, ge=1, description="Requests per application or user and minute."
    )
    anonymous_requests_per_minute: int = Field(
        default=60_000, ge=1, description="Requests without credentials per address and minute."
    )
    cors_origins: tuple[str, ...] = Field(
        default=(),
        description="Origins whose pages may call the REST API, e.g. "
        '["https://app.example.org"] (JSON list).',
    )

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not ORIGIN.fullmatch(origin):
                raise ValueError("must list origins, scheme and host only, without a wildcard")
        return origins


class MetricsSettings(Section):
    """Who may read the metrics, and where."""

    address: str = Field(
        default="127.0.0.1", description="Address of the port that serves metrics alone."
    )
    port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="Port that serves metrics alone; then the public port does not.",
    )
    token: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="Bearer token that /api/v1/metrics asks for; without it only a server that "
        "nobody else can reach shows them.",
    )


class TelemetrySettings(Section):
    """What is logged about the process itself."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Lowest level of log lines."
    )


class OtelSettings(Section):
    """Where traces and model metrics are sent as OpenTelemetry; needs the extra `otel`."""

    endpoint: str = Field(
        default="",
        max_length=2000,
        description="Address of an OTLP/HTTP receiver, e.g. http://127.0.0.1:4318; empty: nothing "
        "is traced or sent.",
    )
    headers: dict[str, SecretStr] = Field(
        default={},
        description="Headers sent along, such as credentials (JSON object).",
    )
    service_name: str = Field(
        default="prompthub", min_length=1, max_length=200, description="Name of this service."
    )
    content: bool = Field(
        default=False,
        description="Whether spans carry messages and answers, of applications that log them.",
    )
    sample_ratio: float = Field(
        default=1,
        ge=0,
        le=1,
        description="Share of traces that is kept where no caller has decided.",
    )
    metrics_seconds: float = Field(
        default=60, ge=1, le=3600, description="Seconds between two sendings of metrics."
    )

    @field_validator("endpoint")
    @classmethod
    def _check_endpoint(cls, endpoint: str) -> str:
        if endpoint and not COLLECTOR.fullmatch(endpoint):
            raise ValueError("must be an http:// or https:// address without credentials or query")
        return endpoint.rstrip("/")
