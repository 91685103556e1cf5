"""Own the logs of the process, and the standard's names for what traces and metrics tell.

A log line is one JSON object, without secrets and prompt text.
"""

import logging
import sys
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from typing_extensions import override

from core.errors import PromptHubError
from core.settings import TelemetrySettings

# The request that the running task works for; empty outside of requests.
request_id: Final[ContextVar[str]] = ContextVar("request_id", default="")

# The trace that the running task belongs to, 32 hexadecimal digits; empty while nothing is traced.
trace_id: Final[ContextVar[str]] = ContextVar("trace_id", default="")

# Our fields by their names in OpenTelemetry; what it has no name for begins with `prompthub`.
# Source: OpenTelemetry semantic conventions, generative AI (development, read 2026-11) and HTTP.
NAMES: Final[Mapping[str, str]] = {
    "operation": "gen_ai.operation.name",
    "provider": "gen_ai.provider.name",
    "request_model": "gen_ai.request.model",
    "response_model": "gen_ai.response.model",
    "is_streaming": "gen_ai.request.stream",
    "temperature": "gen_ai.request.temperature",
    "max_tokens": "gen_ai.request.max_tokens",
    "top_p": "gen_ai.request.top_p",
    "frequency_penalty": "gen_ai.request.frequency_penalty",
    "presence_penalty": "gen_ai.request.presence_penalty",
    "stop": "gen_ai.request.stop_sequences",
    "seed": "gen_ai.request.seed",
    "finish_reasons": "gen_ai.response.finish_reasons",
    "time_to_first_token_seconds": "gen_ai.response.time_to_first_chunk",
    "input_tokens": "gen_ai.usage.input_tokens",
    "output_tokens": "gen_ai.usage.output_tokens",
    "cache_read_input_tokens": "gen_ai.usage.cache_read.input_tokens",
    "reasoning_output_tokens": "gen_ai.usage.reasoning.output_tokens",
    "token_type": "gen_ai.token.type",
    "input_messages": "gen_ai.input.messages",
    "output_messages": "gen_ai.output.messages",
    "error_type": "error.type",
    "server_address": "server.address",
    "server_port": "server.port",
    "method": "http.request.method",
    "route": "http.route",
    "status_code": "http.response.status_code",
    "scheme": "url.scheme",
    "application_id": "prompthub.application.id",
    "attempts": "prompthub.attempts",
    "check": "prompthub.guardrail.check",
    "comparison_id": "prompthub.comparison.id",
    "connection": "prompthub.connection",
    "cost_usd": "prompthub.cost_usd",
    "execution_id": "prompthub.execution.id",
    "execution_status": "prompthub.execution.status",
    "prompt_id": "prompthub.prompt.id",
    "request_id": "prompthub.request.id",
    "tokens_estimated": "prompthub.tokens.estimated",
    "verifies": "prompthub.verifies",
    "version": "prompthub.prompt.version",
}
CALL_DURATION: Final = "gen_ai.client.operation.duration"
CALL_TOKENS: Final = "gen_ai.client.token.usage"
CALL_FIRST_CHUNK: Final = "gen_ai.client.operation.time_to_first_chunk"
# How the standard calls the vendors that LangChain's integrations and our connections are named by.
PROVIDERS: Final[Mapping[str, str]] = {
    "azure_ai": "azure.ai.inference",
    "azure_openai": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "bedrock_converse": "aws.bedrock",
    "compatible": "openai",
    "google_genai": "gcp.gemini",
    "google_vertexai": "gcp.vertex_ai",
    "ibm": "ibm.watsonx.ai",
    "mistralai": "mistral_ai",
    "scripted": "prompthub",
    "xai": "x_ai",
}

Attribute = str | bool | int | float | list[str]

# Other errors may quote what a client sent (pydantic, the driver), so only their type is logged.
_QUOTABLE: Final = (PromptHubError, OSError, RuntimeError)
_FACTS: Final = "facts"
_OURS: Final = ("core", "prompthub", "streamlit_app", "__main__")


def configure(telemetry: TelemetrySettings) -> None:
    """Write every log record of the process to standard error as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    for present in [h for h in root.handlers if isinstance(h.formatter, JsonLines)]:
        root.removeHandler(present)
    root.addHandler(handler)
    chosen = logging.getLevelNamesMapping()[telemetry.log_level]
    # Drivers and SDKs log commands, prompts and bodies below warnings.
    root.setLevel(max(chosen, logging.WARNING))
    for name in _OURS:
        logging.getLogger(name).setLevel(chosen)
    # Not in a line of ours, and gathering them takes as long as writing the line.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


def attributes(fields: Mapping[str, Attribute | None]) -> dict[str, Attribute]:
    """Return the fields that are known by the standard's names."""
    return {NAMES[name]: value for name, value in fields.items() if value is not None}


def facts(**values: object) -> dict[str, Any]:
    """Return the `extra` of a log call that adds fields to the line; never put user text in."""
    return {_FACTS: values}


class JsonLines(logging.Formatter):
    """Format a record as one line of JSON."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request := request_id.get():
            line["request_id"] = request
        if trace := trace_id.get():
            line["trace_id"] = trace
        line |= getattr(record, _FACTS, {})
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = _describe(record.exc_info[1])
        return orjson.dumps(line, default=str).decode()


def _describe(error: BaseException) -> list[dict[str, object]]:
    """Return the chain of errors, the last raised first, each with its frames."""
    chain: list[dict[str, object]] = []
    seen: BaseException | None = error
    while seen is not None and len(chain) < 5:  # noqa: PLR2004 - deeper chains explain nothing more
        frames = traceback.extract_tb(seen.__traceback__)
        entry: dict[str, object] = {
            "type": f"{type(seen).__module__}.{type(seen).__qualname__}",
            "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
        }
        if isinstance(seen, _QUOTABLE):
            entry["message"] = str(seen)
        code = getattr(seen, "code", None)
        if isinstance(code, int):  # the driver's number of an error, which quotes nobody
            entry["code"] = code
        chain.append(entry)
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return chain
