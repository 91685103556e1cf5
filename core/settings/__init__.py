"""Own the typed settings: one frozen section per subsystem, read once by each entry point.

Every value comes from the environment (`PROMPTHUB_SECTION__FIELD`) or the default here.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import NotConfigured
from core.settings.extraction import ExtractionSettings
from core.settings.section import Section
from core.settings.serving import (
    ApiSettings,
    MetricsSettings,
    OtelSettings,
    RedisSettings,
    ServerSettings,
    TelemetrySettings,
)

__all__ = [
    "AccountSettings",
    "AnthropicSettings",
    "ApiSettings",
    "ConnectionSettings",
    "EmbeddingSettings",
    "ExecutionSettings",
    "ExtractionSettings",
    "MetricsSettings",
    "MongoSettings",
    "OpenAISettings",
    "OtelSettings",
    "ProviderSettings",
    "RedisSettings",
    "Section",
    "ServerSettings",
    "Settings",
    "TelemetrySettings",
    "read_settings",
]


class MongoSettings(Section):
    """Which MongoDB holds the data."""

    uri: SecretStr | None = Field(
        default=None,
        description="URI of your own MongoDB; without it the embedded server is started.",
    )
    database: str = Field(
        default="prompthub", min_length=1, max_length=38, description="Database name."
    )
    mongod: Path | None = Field(
        default=None, description="Path of the mongod to start when no URI is set."
    )
    port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="Port of the embedded server; default: a free one, kept.",
    )
    cache_gb: float = Field(
        default=0.25, ge=0.25, le=64, description="WiredTiger cache of the embedded server in GB."
    )


class AccountSettings(Section):
    """Who may sign up and how long a sign-in lasts."""

    registration: Literal["open", "closed"] = Field(
        default="open", description="Whether people may create an account by themselves."
    )
    session_days: int = Field(
        default=14, ge=1, le=365, description="Days until a sign-in ends unused."
    )
    access_token_minutes: int = Field(
        default=15, ge=1, le=60, description="Life of a REST access token."
    )
    failed_logins_per_account: int = Field(
        default=10, ge=1, description="Failed sign-ins per account in 15 minutes."
    )
    failed_logins_per_address: int = Field(
        default=100, ge=1, description="Failed sign-ins per network address in 15 minutes."
    )
    registrations_per_address: int = Field(
        default=100,
        ge=1,
        description="Accounts asked for per network address in 15 minutes, refused ones included.",
    )
    invitation_days: int = Field(
        default=7, ge=1, le=90, description="Days until an invitation that nobody used ends."
    )
    # Both floors: OWASP Password Storage Cheat Sheet, Argon2id with 19 MiB and two passes.
    argon2_time_cost: int = Field(
        default=3, ge=2, le=100, description="Passes of Argon2id over its memory per password."
    )
    argon2_memory_kib: int = Field(
        default=64 * 1024,
        ge=19 * 1024,
        le=4 * 1024 * 1024,
        description="Memory of Argon2id per password in KiB.",
    )


class OpenAISettings(Section):
    """The connection named `openai`."""

    base_url: str = Field(
        default="https://api.openai.com/v1", description="Address of the OpenAI API."
    )


class AnthropicSettings(Section):
    """The connection named `anthropic`."""

    base_url: str = Field(
        default="https://api.anthropic.com", description="Address of the Anthropic API."
    )


class ConnectionSettings(Section):
    """How the keys of stored connections are kept."""

    encryption_keys: tuple[SecretStr, ...] = Field(
        default=(),
        description="Keys that encrypt provider keys, newest first (JSON list of 64 hexadecimal "
        "digits each); without any, one is generated and kept in the data folder.",
    )


class ProviderSettings(Section):
    """Models and the calls to them. Keys come from OPENAI_API_KEY and ANTHROPIC_API_KEY."""

    default_model: str = Field(
        default="", description="Model (connection/model) used when nothing else names one."
    )
    deadline_seconds: float = Field(
        default=120,
        gt=0,
        le=3600,
        description="Total time for one execution's model call, retries included.",
    )
    openai: OpenAISettings = OpenAISettings()
    anthropic: AnthropicSettings = AnthropicSettings()


class ExecutionSettings(Section):
    """Limits of running prompts."""

    per_minute: int = Field(
        default=600,
        ge=1,
        description="Executions per application and minute, unless it sets its own.",
    )
    lease_seconds: int = Field(
        default=60,
        ge=5,
        le=600,
        description="A running row not renewed for so long is marked failed.",
    )
    comparison_cells: int = Field(
        default=400,
        ge=1,
        le=4000,
        description="Executions of one comparison: columns by inputs by repetitions.",
    )
    comparison_at_once: int = Field(
        default=16, ge=1, le=100, description="Executions that one comparison runs at once."
    )


class EmbeddingSettings(Section):
    """The model behind search by meaning; the same for every process of one database."""

    kind: Literal["onnx", "sentence-transformers", "remote", "off"] = Field(
        default="onnx",
        description="`onnx`: the shipped model, nothing leaves the machine; "
        "`sentence-transformers`: any of its models, needs the extra of that name; `remote`: an "
        "OpenAI-compatible server; `off`: search by words alone.",
    )
    model: str = Field(
        default="",
        max_length=200,
        description="Name of the model for `sentence-transformers` (or its folder) and `remote`.",
    )
    base_url: str = Field(
        default="",
        max_length=2000,
        description="Address of the `remote` server with its /v1, such as http://127.0.0.1:8080/v1.",
    )
    api_key: SecretStr | None = Field(default=None, description="Key of the `remote` server.")
    dimensions: int | None = Field(
        default=None,
        ge=8,
        le=8192,
        description="Dimensions to ask the `remote` model for, where it lets one choose.",
    )
    deadline_seconds: float = Field(
        default=15,
        gt=0,
        le=600,
        description="Total time for one call of the `remote` server, retries included.",
    )


class Settings(BaseSettings):
    """All settings of one process."""

    model_config = SettingsConfigDict(
        env_prefix="PROMPTHUB_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    data_dir: Path = Field(
        default=Path("data"),
        description="Folder of the embedded database with its log, and of generated secrets.",
    )
    server: ServerSettings = ServerSettings()
    mongo: MongoSettings = MongoSettings()
    accounts: AccountSettings = AccountSettings()
    providers: ProviderSettings = ProviderSettings()
    connections: ConnectionSettings = ConnectionSettings()
    execution: ExecutionSettings = ExecutionSettings()
    embeddings: EmbeddingSettings = EmbeddingSettings()
    extraction: ExtractionSettings = ExtractionSettings()
    redis: RedisSettings = RedisSettings()
    api: ApiSettings = ApiSettings()
    metrics: MetricsSettings = MetricsSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    otel: OtelSettings = OtelSettings()


def read_settings() -> Settings:
    """Read the settings from the environment.

    Raises:
        NotConfigured: a setting has another name or value than is allowed; no value is quoted, as
            it may hold a password.
    """
    try:
        return Settings()
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        names = [f"PROMPTHUB_{'__'.join(map(str, one['loc']))}".upper() for one in found]
        raise NotConfigured(
            " ".join(f"{name} {_say(one)}." for name, one in zip(names, found, strict=True)),
            setting=names[0],
            remedy="docs/settings.md lists every setting.",
        ) from None


def _say(problem: ErrorDetails) -> str:
    if problem["type"] == "extra_forbidden":
        return "is no setting"
    return f"cannot be used: {problem['msg']}"
