"""Own Server-Sent Events: an execution told while it runs."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final, NamedTuple

import orjson
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from core.api.problems import describe, describe_unexpected
from core.errors import PromptHubError

MEDIA_TYPE: Final = "text/event-stream"
# A proxy that collected the answer first would take the point out of it.
HEADERS: Final = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}


class Event(NamedTuple):
    """One event: its name and what is sent as JSON."""

    name: str
    data: BaseModel


async def stream_events(events: AsyncGenerator[Event]) -> StreamingResponse:
    """Answer with events as they come; the first one is awaited before the answer begins.

    Raises:
        PromptHubError: what the first event met, so that it is answered with its own status.
    """
    first = await anext(events)
    return StreamingResponse(_write(first, events), headers=HEADERS, media_type=MEDIA_TYPE)


async def _write(first: Event, events: AsyncGenerator[Event]) -> AsyncGenerator[bytes]:
    async with aclosing(events):
        yield _to_bytes(first.name, first.data.model_dump_json().encode())
        try:
            async for event in events:
                yield _to_bytes(event.name, event.data.model_dump_json().encode())
        except PromptHubError as error:
            yield _to_bytes("error", orjson.dumps(describe(error), default=str))
        except Exception as error:  # noqa: BLE001 - the status is sent; the stream must say how it ends
            yield _to_bytes("error", orjson.dumps(describe_unexpected(error)))


def _to_bytes(name: str, data: bytes) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), data)
