"""Whether a process traces, what it sends along, and what happens while nobody listens."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from core.settings import OtelSettings
from core.tracing.opening import traced
from tests.browser.app_process import free_port
from tests.collector import collecting

# `None` among the loaded modules is how Python says that there is no such module.
SCRIPT = """
import asyncio, sys
import core.execution.stream
from core.settings import OtelSettings
from core.tracing.opening import traced

async def main():
    async with traced(OtelSettings()) as tracing:
        print(tracing, "opentelemetry.sdk.trace" in sys.modules)
    sys.modules["opentelemetry.sdk"] = None
    async with traced(OtelSettings(endpoint="http://127.0.0.1:4318")):
        pass

asyncio.run(main())
"""


def test_nothing_is_loaded_without_an_address_and_what_is_missing_is_said() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False
    )

    assert done.stdout == "None False\n"
    assert done.returncode == 1
    assert "NotConfigured" in done.stderr
    assert "Tracing needs OpenTelemetry, which is not installed." in done.stderr


async def test_credentials_and_the_name_of_the_service_are_sent_along() -> None:
    with collecting() as collector:
        settings = OtelSettings.model_validate(
            {
                "endpoint": f"{collector.url}/",
                "headers": {"Authorization": "Bearer abc"},
                "service_name": "prompts",
            }
        )
        async with traced(settings) as tracing:
            assert tracing is not None
            tracing.begin("work", "internal", {}).end()

    assert collector.span("work").parent_id == ""
    assert collector.headers[0]["authorization"] == "Bearer abc"
    assert collector.resources[0]["service.name"] == "prompts"
    assert "abc" not in repr(settings)


@pytest.mark.parametrize("status", [400, 500, 503])
async def test_a_collector_that_refuses_disturbs_nothing(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    with collecting(status) as collector:
        async with traced(OtelSettings(endpoint=collector.url)) as tracing:
            assert tracing is not None
            tracing.begin("work", "internal", {}).end()

    assert len([one for one in caplog.records if "trace_exporter" in one.name]) == 1


async def test_a_collector_that_is_away_disturbs_nothing() -> None:
    async with traced(OtelSettings(endpoint=f"http://127.0.0.1:{free_port()}")) as tracing:
        assert tracing is not None
        span = tracing.begin("work", "internal", {})
        with span.around():
            tracing.begin("within", "internal", {}).end()
        span.end()


@pytest.mark.parametrize(
    "endpoint",
    ["127.0.0.1:4318", "ftp://127.0.0.1", "http://user:secret@host:4318", "http://host/?key=x"],
)
def test_an_address_is_one_of_http_and_holds_no_secret(endpoint: str) -> None:
    with pytest.raises(ValidationError):
        OtelSettings(endpoint=endpoint)
