"""Own a fake provider on loopback, with every fault that a model name can ask for.

It speaks OpenAI's chat completions (`/v1/chat/completions`) and Anthropic's messages
(`/v1/messages`), plain and streamed, and OpenAI's embeddings (`/v1/embeddings`).

In a test: `with running() as fake: ... fake.url`; by itself:
`python -m tests.fake_provider --port N`. Models: any ordinary name answers `answer` at once,
`slow` in slow pieces, each `fault-...` name fails in its own way, `quirk-...` leaves things out.
`GET /requests` tells what arrived.
"""

import argparse
import asyncio
import json
import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from tests import fake_embeddings
from tests.fake_dialects import (
    RAW_BODIES,
    RAW_USAGE,
    ChatCompletions,
    Dialect,
    Messages,
    broken_middle,
)

__all__ = ["RAW_BODIES", "RAW_USAGE", "STREAM_FAULTS", "FakeProvider", "Seen", "running"]

ANSWER_PATHS: dict[str, Dialect] = {
    "/v1/chat/completions": ChatCompletions(),
    "/v1/messages": Messages(),
}
STATUS_FAULTS = {f"fault-{status}": status for status in (400, 401, 403, 404, 500, 503, 529)}
# Names of which the streamed form fails; the plain form of the cut ones breaks off as well.
STREAM_FAULTS = (
    "fault-cut-stream",
    "fault-reset-stream",
    "fault-error-event",
    "fault-broken-event",
)
HOSTILE_TEXT = "<script>alert(1)</script> a\\u0000b \\ud800 c \\ud83d\\ude00"


@dataclass
class Seen:
    """One request that arrived."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str]
    was_disconnected: bool = False


@dataclass
class FakeProvider:
    """The server's state: what it answers and what it was asked."""

    url: str = ""
    answer: str = "Paris is the capital of France."
    models: tuple[str, ...] = ("gpt-4o-mini", "gpt-4o", "slow")
    is_listing: bool = True
    slow_seconds: float = 0.1
    # So many requests for embeddings fail before one succeeds.
    embedding_failures: int = 0
    requests: list[Seen] = field(default_factory=list[Seen])

    @property
    def chats(self) -> list[Seen]:
        """The requests for an answer."""
        return [seen for seen in self.requests if seen.path in ANSWER_PATHS]

    def app(self) -> Starlette:
        """Return the ASGI application."""
        routes = [
            Route("/v1/models", self._list_models),
            *(Route(path, self._chat, methods=["POST"]) for path in ANSWER_PATHS),
            Route("/v1/embeddings", self._embed, methods=["POST"]),
            Route("/requests", self._list_requests),
            Route("/elsewhere", self._elsewhere, methods=["GET", "POST"]),
        ]
        return Starlette(routes=routes)

    async def _list_requests(self, _: Request) -> Response:
        return JSONResponse([asdict(seen) for seen in self.requests])

    async def _elsewhere(self, request: Request) -> Response:
        self.requests.append(Seen(request.url.path, {}, dict(request.headers)))
        return PlainTextResponse(ChatCompletions().whole("m", '"from elsewhere"'))

    async def _list_models(self, request: Request) -> Response:
        self.requests.append(Seen(request.url.path, {}, dict(request.headers)))
        if not self.is_listing:
            return PlainTextResponse("no", status_code=500)
        data = [
            {"id": name, "object": "model", "created": 1, "owned_by": "x"} for name in self.models
        ]
        return JSONResponse({"object": "list", "data": data})

    async def _embed(self, request: Request) -> Response:
        body = await request.json()
        self.requests.append(Seen(request.url.path, body, dict(request.headers)))
        asked = sum(seen.body.get("model") == body["model"] for seen in self.requests)
        if self.embedding_failures:
            self.embedding_failures -= 1
            return Response(status_code=HTTPStatus.INTERNAL_SERVER_ERROR)
        return await fake_embeddings.answer(body, asked=asked)

    async def _chat(self, request: Request) -> Response:
        body = await request.json()
        seen = Seen(request.url.path, body, dict(request.headers))
        self.requests.append(seen)
        model = str(body["model"])
        refused = self._refusal(model)
        if refused is not None:
            return refused
        if model == "fault-hang":
            return await _hang(request, seen)
        if body.get("stream"):
            return StreamingResponse(self._events(model, seen), media_type="text/event-stream")
        plain = self._plain(ANSWER_PATHS[seen.path], model)
        if model == "slow":
            return await _hang(request, seen, plain, seconds=5 * self.slow_seconds)
        return plain

    def _refusal(self, model: str) -> Response | None:
        error = {"error": {"message": "PROVIDER-RAW-TEXT", "type": "x", "code": None}}
        if model in STATUS_FAULTS:
            return JSONResponse(error, status_code=STATUS_FAULTS[model])
        if model == "fault-param":
            error["error"] |= {"code": "unsupported_parameter", "param": "temperature"}
            return JSONResponse(error, status_code=400)
        if model == "fault-quota":
            error["error"] |= {"code": "insufficient_quota"}
            return JSONResponse(error, status_code=429)
        if model == "fault-redirect":
            return Response(status_code=307, headers={"location": f"{self.url[:-3]}/elsewhere"})
        return self._limited(model, error)

    def _limited(self, model: str, error: dict[str, Any]) -> Response | None:
        asked = sum(seen.body.get("model") == model for seen in self.chats)
        if model == "fault-429" or (model == "fault-429-once" and asked == 1):
            after = "1" if model == "fault-429-once" else "0"
            return JSONResponse(error, status_code=429, headers={"retry-after": after})
        if model == "fault-500-once" and asked == 1:
            return JSONResponse(error, status_code=500)
        if model == "fault-429-hour":
            return JSONResponse(error, status_code=429, headers={"retry-after": "3600"})
        return None

    def _plain(self, dialect: Dialect, model: str) -> Response:
        if model in RAW_BODIES:
            media_type, text = RAW_BODIES[model]
            return Response(text, media_type=media_type)
        hostile = f'"{HOSTILE_TEXT}"'
        content = hostile if model == "fault-hostile-text" else json.dumps(self.answer)
        text = dialect.whole(model, content)
        if model in STREAM_FAULTS:
            return Response(text[:40], headers={"content-length": str(len(text))})
        return Response(text, media_type="application/json")

    async def _events(self, model: str, seen: Seen) -> AsyncGenerator[str]:
        if model in RAW_BODIES:
            yield RAW_BODIES[model][1]
            return
        try:
            async for event in self._pieces(ANSWER_PATHS[seen.path], model):
                yield event
        except (asyncio.CancelledError, GeneratorExit):
            seen.was_disconnected = True
            raise

    async def _pieces(self, dialect: Dialect, model: str) -> AsyncGenerator[str]:
        # The hostile text is written as JSON by hand, a surrogate pair torn over two pieces.
        hostile = [f'"{HOSTILE_TEXT[:-6]}"', f'"{HOSTILE_TEXT[-6:]}"']
        words = [json.dumps(f"{word} ") for word in self.answer.split()]
        yield dialect.begin(model)
        for at, word in enumerate(hostile if model == "fault-hostile-text" else words):
            if model == "slow":
                await asyncio.sleep(self.slow_seconds)
            yield dialect.piece(model, word)
            if at == 0 and model in STREAM_FAULTS:
                for bad in broken_middle(dialect, model):
                    yield bad
                return
        yield dialect.end(model)


async def _hang(
    request: Request, seen: Seen, then: Response | None = None, *, seconds: float = 60
) -> Response:
    for _ in range(int(seconds / 0.05)):
        if await request.is_disconnected():
            seen.was_disconnected = True
            break
        await asyncio.sleep(0.05)
    return then or Response(status_code=HTTPStatus.GATEWAY_TIMEOUT)


def _server(fake: FakeProvider, port: int) -> uvicorn.Server:
    config = uvicorn.Config(
        fake.app(), port=port, log_level="critical", lifespan="off", ws="none", http="h11"
    )
    return uvicorn.Server(config)


@contextmanager
def running() -> Generator[FakeProvider]:
    """Serve on a free port from a thread of its own while the block runs."""
    fake = FakeProvider()
    server = _server(fake, 0)
    socket = server.config.bind_socket()
    fake.url = f"http://127.0.0.1:{socket.getsockname()[1]}/v1"
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join(10)
        socket.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A fake OpenAI-compatible server on loopback.")
    parser.add_argument("--port", type=int, required=True)
    port: int = parser.parse_args().port
    _server(FakeProvider(url=f"http://127.0.0.1:{port}/v1"), port).run()
