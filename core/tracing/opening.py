"""Own whether this process traces; what speaks OpenTelemetry is loaded only where it does."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from core.errors import NotConfigured
from core.settings import OtelSettings

if TYPE_CHECKING:
    from core.tracing.otel import Tracing


@asynccontextmanager
async def traced(settings: OtelSettings) -> AsyncGenerator["Tracing | None"]:
    """Trace until the block is left; None where no address is set.

    Raises:
        NotConfigured: an address is set, and the extra `otel` is not installed.
    """
    if not settings.endpoint:
        yield None
        return
    try:
        await asyncio.to_thread(import_module, "core.tracing.otel")
    except ModuleNotFoundError as error:
        raise NotConfigured(
            "Tracing needs OpenTelemetry, which is not installed.",
            setting="PROMPTHUB_OTEL__ENDPOINT",
            remedy="Install it with: pip install 'prompthub[otel]'",
        ) from error
    from core.tracing.otel import Tracing  # noqa: PLC0415 # loaded above

    tracing = Tracing(settings)
    try:
        yield tracing
    finally:
        await tracing.close()
