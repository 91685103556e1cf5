"""Logs are lines of JSON that hold facts and never what a client sent."""

import json
import logging
import sys
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from core.errors import Invalid
from core.settings import TelemetrySettings
from core.telemetry import JsonLines, configure, facts, request_id

CANARY = "canary-7f3a9c"


def line_of(error: BaseException | None = None, **values: object) -> dict[str, Any]:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("core.x", logging.ERROR, "x.py", 1, "Failed.", None, info)
    record.__dict__.update(facts(**values))
    return json.loads(JsonLines().format(record))


def test_a_line_holds_facts_and_the_request() -> None:
    token = request_id.set("request-1")
    line = line_of(status=503)
    request_id.reset(token)

    assert (line["level"], line["message"], line["status"]) == ("ERROR", "Failed.", 503)
    assert line["request_id"] == "request-1"
    assert line["at"].endswith("+00:00")


def test_an_error_is_told_with_its_frames_and_its_cause() -> None:
    with pytest.raises(Invalid) as caught:
        fail_because_of_another()

    chain = line_of(caught.value)["error"]
    types = [entry["type"] for entry in chain]
    assert types == ["core.errors.invalid.Invalid", "builtins.ValueError"]
    assert chain[0]["message"] == "There is no number."
    assert chain[0]["frames"][-1].endswith("fail_because_of_another")


def fail_because_of_another() -> None:
    try:
        int("x")
    except ValueError as cause:
        raise Invalid("There is no number.", field="count") from cause


def test_what_a_client_sent_is_not_logged_with_the_error_that_quotes_it() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(int).validate_python(CANARY)

    assert CANARY in str(caught.value)
    assert CANARY not in json.dumps(line_of(caught.value))


def test_configuring_twice_writes_each_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    try:
        configure(TelemetrySettings(log_level="WARNING"))
        configure(TelemetrySettings(log_level="WARNING"))
        logging.getLogger("core.x").info("too quiet")
        logging.getLogger("core.x").warning("heard")
        sys.stderr.flush()
    finally:
        root.handlers[:] = before
        root.setLevel(level)

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["message"] for line in lines] == ["heard"]


def test_only_our_own_loggers_go_below_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    root, present = logging.getLogger(), logging.getLogger().handlers[:]
    levels = {name: logging.getLogger(name).level for name in ("", "core")}
    configure(TelemetrySettings(log_level="DEBUG"))
    try:
        for name in ("openai._base_client", "anthropic._base_client", "httpx2", "redis", "limits"):
            logging.getLogger(name).debug("Request options: %s", CANARY)
            logging.getLogger(name).info("Request options: %s", CANARY)
        logging.getLogger("core.worker").debug("Ours.")
    finally:
        for handler in [one for one in root.handlers if one not in present]:
            root.removeHandler(handler)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)

    told = capsys.readouterr().err
    assert CANARY not in told
    assert "Ours." in told
