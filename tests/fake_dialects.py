"""Own the wire formats that the fake provider speaks, each with its own ways to go wrong."""

import json
from collections.abc import Generator
from typing import Any, Protocol

# Input and output tokens as they are written into the answer; None leaves the usage null.
RAW_USAGE: dict[str, tuple[str, str] | None] = {
    "fault-usage-missing": None,
    "fault-usage-nan": ("NaN", "3"),
    "fault-usage-negative": ("-9", "3"),
    "fault-usage-huge": ("1e15", "3"),
    "fault-usage-words": ('"many"', "[]"),
}
HONEST_USAGE = ("9", "3")
RAW_BODIES: dict[str, tuple[str, str]] = {
    "fault-html": ("text/html", "<html><body>Sign in to continue</body></html>"),
    "fault-empty": ("application/json", ""),
    "fault-broken-json": ("application/json", '{"choices": [{"mess'),
    "fault-wrong-shape": ("application/json", '{"answer": "Paris"}'),
    "fault-list": ("application/json", "[1, 2]"),
    "fault-no-choices": (
        "application/json",
        '{"choices": [], "content": [], "model": "m", "stop_reason": "end_turn"}',
    ),
    "fault-null-content": (
        "application/json",
        (
            '{"choices": [{"message": {"content": null}, "finish_reason": "stop"}], '
            '"content": [{"type": "text", "text": null}], "stop_reason": "end_turn"}'
        ),
    ),
    "fault-number-content": (
        "application/json",
        (
            '{"choices": [{"message": {"content": 7}, "finish_reason": "stop"}], '
            '"content": [{"type": "text", "text": 7}], "stop_reason": "end_turn"}'
        ),
    ),
}
# Servers that leave out what OpenAI sends: llama.cpp with its `timings`, and a bare minimum.
QUIRKS = ("quirk-timings", "quirk-bare")
_TIMINGS = '"timings": {"prompt_n": 9, "predicted_n": 3, "predicted_per_second": 41.5}'
_RAW_ERROR = '{"type": "error", "error": {"message": "PROVIDER-RAW-TEXT", "type": "server_error"}}'


class Dialect(Protocol):
    """A wire format: whole answers, and the events of a streamed one."""

    def whole(self, model: str, content: str) -> str:
        """A whole answer with `content`, a JSON string."""
        ...

    def begin(self, model: str) -> str:
        """What comes before the first piece."""
        ...

    def piece(self, model: str, content: str) -> str:
        """The event of one piece, a JSON string."""
        ...

    def end(self, model: str) -> str:
        """What comes after the last piece."""
        ...

    def error_event(self) -> str:
        """A failure that is told within the stream."""
        ...

    def broken_event(self) -> str:
        """An event that ends in the middle of its JSON."""
        ...


def answering_model(model: str) -> str:
    """The full name of the model that answers."""
    return f"{model}-2024-07-18" if model == "gpt-4o-mini" else model


class ChatCompletions:
    """OpenAI's chat completions, and the quirks of servers that imitate it."""

    def whole(self, model: str, content: str) -> str:
        choice = (
            '"choices": [{"index": 0, "message": {"role": "assistant", "content": '
            f'{content}}}, "finish_reason": "stop"}}]'
        )
        if model == "quirk-bare":
            return f"{{{choice}}}"
        last = _TIMINGS if model == "quirk-timings" else f'"usage": {self._usage(model)}'
        head = '"id": "c", "object": "chat.completion", "created": 1'
        return f'{{{head}, "model": "{answering_model(model)}", {choice}, {last}}}'

    def begin(self, model: str) -> str:
        # llama.cpp keeps a connection open with comments while it reads a long prompt.
        return ": keep-alive\n\n" if model in QUIRKS else ""

    def piece(self, model: str, content: str) -> str:
        return self._event(model, content, "null")

    def end(self, model: str) -> str:
        if model == "quirk-bare":
            return self._event(model, '""', '"stop"')
        if model == "quirk-timings":
            last = self._event(model, '""', '"stop"').replace("}\n\n", f", {_TIMINGS}}}\n\n")
            return f"{last}data: [DONE]\n\n"
        usage = f'"choices": [], "usage": {self._usage(model)}'
        last = f'data: {{"id": "c", "model": "{model}", {usage}}}\n\n'
        return self._event(model, '""', '"stop"') + last + "data: [DONE]\n\n"

    def error_event(self) -> str:
        return f"data: {_RAW_ERROR}\n\n"

    def broken_event(self) -> str:
        return 'data: {"choices": [{"del\n\n'

    def _event(self, model: str, content: str, finish: str) -> str:
        head = '"id": "c", "object": "chat.completion.chunk", "created": 1'
        known = "" if model == "quirk-bare" else f'{head}, "model": "{model}", '
        return (
            f'data: {{{known}"choices": [{{"index": 0, "delta": {{"content": {content}}}, '
            f'"finish_reason": {finish}}}]}}\n\n'
        )

    def _usage(self, model: str) -> str:
        raw = RAW_USAGE.get(model, HONEST_USAGE)
        if raw is None:
            return "null"
        return f'{{"prompt_tokens": {raw[0]}, "completion_tokens": {raw[1]}, "total_tokens": 12}}'


class Messages:
    """Anthropic's messages."""

    def whole(self, model: str, content: str) -> str:
        usage = self._usage(model)
        blocks = (
            f'[{{"type": "thinking", "thinking": "Hm."}}, {{"type": "text", "text": {content}}}]'
        )
        return (
            f'{{"id": "m", "type": "message", "role": "assistant", "content": {blocks}, "model": '
            f'"{answering_model(model)}", "stop_reason": "end_turn", "usage": {usage}}}'
        )

    def begin(self, model: str) -> str:
        usage = {} if model == "fault-usage-missing" else {"input_tokens": 1, "output_tokens": 1}
        message: dict[str, Any] = {"id": "m", "type": "message", "role": "assistant", "content": []}
        started = {"message": {**message, "model": answering_model(model), "usage": usage}}
        block = {"index": 0, "content_block": {"type": "text", "text": ""}}
        return (
            self._event("message_start", started)
            + self._event("ping", {})
            + self._event("content_block_start", block)
        )

    def piece(self, model: str, content: str) -> str:
        del model
        return (
            'event: content_block_delta\ndata: {"type": "content_block_delta", "index": 0, '
            f'"delta": {{"type": "text_delta", "text": {content}}}}}\n\n'
        )

    def end(self, model: str) -> str:
        delta = (
            'event: message_delta\ndata: {"type": "message_delta", "delta": {"stop_reason": '
            f'"end_turn"}}, "usage": {self._usage(model)}}}\n\n'
        )
        stopped = self._event("content_block_stop", {"index": 0})
        return stopped + delta + self._event("message_stop", {})

    def error_event(self) -> str:
        return f"event: error\ndata: {_RAW_ERROR}\n\n"

    def broken_event(self) -> str:
        return 'event: content_block_delta\ndata: {"type": "content_bl\n\n'

    def _event(self, kind: str, data: dict[str, Any]) -> str:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n"

    def _usage(self, model: str) -> str:
        raw = RAW_USAGE.get(model, HONEST_USAGE)
        return "null" if raw is None else f'{{"input_tokens": {raw[0]}, "output_tokens": {raw[1]}}}'


def broken_middle(dialect: Dialect, model: str) -> Generator[str]:
    """What a `fault-...-stream` or `fault-...-event` sends after its first piece."""
    if model == "fault-reset-stream":
        msg = "the connection is to break here"
        raise ConnectionError(msg)
    if model == "fault-error-event":
        yield dialect.error_event()
    if model == "fault-broken-event":
        yield dialect.broken_event()
