"""Own the logs of the process: one JSON object per line, no secrets, no prompt text."""

import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from typing_extensions import override

from core.errors import PromptHubError
from core.settings import TelemetrySettings

# The request that the running task works for; empty outside of requests.
request_id: Final[ContextVar[str]] = ContextVar("request_id", default="")

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
