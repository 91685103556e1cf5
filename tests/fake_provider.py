"""Own a fake OpenAI-compatible server on loopback, with every fault a model name can ask for.

In a test: `with running() as fake: ... fake.url`; by itself:
`python -m tests.fake_provider --port N`. Models: any ordinary name answers `answer` at once,
`slow` in slow pieces, and each `fault-...` name below fails in its own way, plain and streamed.
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

USAGE: dict[str, Any] = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
STATUS_FAULTS = {f"fault-{status}": status for status in (400, 401, 403, 404, 500, 503, 529)}
RAW_USAGE: dict[str, str] = {
    "fault-usage-missing": "null",
    "fault-usage-nan": '{"prompt_tokens": NaN, "completion_tokens": 3, "total_tokens": 3}',
    "fault-usage-negative": '{"prompt_tokens": -9, "completion_tokens": 3, "total_tokens": -6}',
    "fault-usage-huge": '{"prompt_tokens": 1e15, "completion_tokens": 3, "total_tokens": 1e15}',
    "fault-usage-words": '{"prompt_tokens": "many", "completion_tokens": [], "total_tokens": 1}',
}
RAW_BODIES: dict[str, tuple[str, str]] = {
    "fault-html": ("text/html", "<html><body>Sign in to continue</body></html>"),
    "fault-empty": ("application/json", ""),
    "fault-broken-json": ("application/json", '{"choices": [{"mess'),
    "fault-wrong-shape": ("application/json", '{"answer": "Paris"}'),
    "fault-list": ("application/json", "[1, 2]"),
    "fault-no-choices": ("application/json", '{"choices": [], "model": "m"}'),
    "fault-null-content": (
        "application/json",
        '{"choices": [{"message": {"content": null}, "finish_reason": "stop"}]}',
    ),
    "fault-number-content": (
        "application/json",
        '{"choices": [{"message": {"content": 7}, "finish_reason": "stop"}]}',
    ),
}
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
    requests: list[Seen] = field(default_factory=list[Seen])

    @property
    def chats(self) -> list[Seen]:
        """The requests for an answer."""
        return [seen for seen in self.requests if seen.path.endswith("/chat/completions")]

    def app(self) -> Starlette:
        """Return the ASGI application."""
        routes = [
            Route("/v1/models", self._list_models),
            Route("/v1/chat/completions", self._chat, methods=["POST"]),
            Route("/requests", self._list_requests),
            Route("/elsewhere", self._elsewhere, methods=["GET", "POST"]),
        ]
        return Starlette(routes=routes)

    async def _list_requests(self, _: Request) -> Response:
        return JSONResponse([asdict(seen) for seen in self.requests])

    async def _elsewhere(self, request: Request) -> Response:
        self.requests.append(Seen(request.url.path, {}, dict(request.headers)))
        return JSONResponse(_whole("m", "from elsewhere", USAGE))

    async def _list_models(self, request: Request) -> Response:
        self.requests.append(Seen(request.url.path, {}, dict(request.headers)))
        if not self.is_listing:
            return PlainTextResponse("no", status_code=500)
        data = [
            {"id": name, "object": "model", "created": 1, "owned_by": "x"} for name in self.models
        ]
        return JSONResponse({"object": "list", "data": data})

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
        if model == "slow":
            return await _hang(request, seen, self._plain(model), seconds=5 * self.slow_seconds)
        return self._plain(model)

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

    def _plain(self, model: str) -> Response:
        if model in RAW_BODIES:
            media_type, text = RAW_BODIES[model]
            return Response(text, media_type=media_type)
        text = json.dumps(_whole(model, self._text(model), USAGE))
        if model in RAW_USAGE:
            text = text.replace(json.dumps(USAGE), RAW_USAGE[model])
        if model == "fault-hostile-text":
            text = text.replace("HOSTILE", HOSTILE_TEXT)
        if model in STREAM_FAULTS:
            return Response(text[:40], headers={"content-length": str(len(text))})
        return Response(text, media_type="application/json")

    def _text(self, model: str) -> str:
        return "HOSTILE" if model == "fault-hostile-text" else self.answer

    async def _events(self, model: str, seen: Seen) -> AsyncGenerator[str]:
        if model in RAW_BODIES:
            yield RAW_BODIES[model][1]
            return
        try:
            async for event in self._pieces(model):
                yield event
        except (asyncio.CancelledError, GeneratorExit):
            seen.was_disconnected = True
            raise

    async def _pieces(self, model: str) -> AsyncGenerator[str]:
        # The hostile text is written as JSON by hand, a surrogate pair torn over two pieces.
        hostile = [f'"{HOSTILE_TEXT[:-6]}"', f'"{HOSTILE_TEXT[-6:]}"']
        words = [json.dumps(f"{word} ") for word in self.answer.split()]
        for at, word in enumerate(hostile if model == "fault-hostile-text" else words):
            if model == "slow":
                await asyncio.sleep(self.slow_seconds)
            yield _event(word, "null", model)
            if at == 0 and model in STREAM_FAULTS:
                for bad in _broken_middle(model):
                    yield bad
                return
        yield _event('""', '"stop"', model)
        usage = RAW_USAGE.get(model, json.dumps(USAGE))
        yield f'data: {{"id": "c", "model": "{model}", "choices": [], "usage": {usage}}}\n\n'
        yield "data: [DONE]\n\n"


def _broken_middle(model: str) -> Generator[str]:
    if model == "fault-reset-stream":
        msg = "the connection is to break here"
        raise ConnectionError(msg)
    if model == "fault-error-event":
        yield 'data: {"error": {"message": "PROVIDER-RAW-TEXT", "type": "server_error"}}\n\n'
    if model == "fault-broken-event":
        yield 'data: {"choices": [{"del\n\n'


def _event(content: str, finish: str, model: str) -> str:
    return (
        f'data: {{"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "{model}", '
        f'"choices": [{{"index": 0, "delta": {{"content": {content}}}, '
        f'"finish_reason": {finish}}}]}}\n\n'
    )


def _whole(model: str, text: str, usage: dict[str, Any]) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": f"{model}-2024-07-18" if model == "gpt-4o-mini" else model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": usage,
    }


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
