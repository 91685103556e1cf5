"""Code to copy from the playground: Python runs as pasted, and JSON faults have a place."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from core.values.fields import RequiredField
from streamlit_app.components.playground.json_input import Fault, read_json
from streamlit_app.components.playground.snippets import make_call, write_code

VALUES: dict[str, Any] = {
    "text": 'He said "no" \\ it\'s\nover two lines, ümlaut, \x07 and a sentence that is long',
    "flags": [True, None, 1.5, {"deep": ["x" * 70, {}]}],
}


class Listening(HTTPServer):
    """A server on loopback that answers every request alike and keeps the last."""

    seen: tuple[str, str | None, Any] = ("", None, None)


class Answer(BaseHTTPRequestHandler):
    server: Listening  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen = (self.path, self.headers["X-API-Key"], json.loads(body))
        said = {
            "output": {"text": "Paris."},
            "messages": [{"role": "user", "content": "Which capital?"}],
        }
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())


@pytest.fixture
def listening() -> Generator[Listening]:
    server = Listening(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("act", "path", "shown"),
    [
        ("execute", "/api/v1/execute/my-prompt/label:live", "Paris."),
        ("render", "/api/v1/prompts/my-prompt/versions/label:live/render", "user: Which capital?"),
    ],
)
def test_copied_python_sends_the_values_and_prints_the_answer(
    listening: Listening, act: Any, path: str, shown: str
) -> None:
    call = make_call(
        act,
        server=f"http://127.0.0.1:{listening.server_port}/",
        prompt_id="my-prompt",
        version="label:live",
        variables=VALUES,
        model="openai/gpt-4o",
    )

    ran = subprocess.run(
        [sys.executable, "-c", write_code(call, "python")],
        env={**os.environ, "PROMPTHUB_API_KEY": "ph_test"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout.strip() == shown
    sent: dict[str, Any] = {"variables": VALUES} | (
        {"model": "openai/gpt-4o"} if act == "execute" else {}
    )
    assert listening.seen == (path, "ph_test", sent)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('["a"]', None),
        ("  ", None),
        ('["a",\n "b"', Fault(2, 5, "Expecting ',' delimiter.")),
        ("[NaN]", Fault(1, 0, "NaN is not JSON.")),
        ('{"a": 1}', Fault(1, 0, 'It is not a list, e.g. ["first", "second"].')),
    ],
)
def test_a_fault_in_a_list_has_a_place_and_a_reason(text: str, fault: Fault | None) -> None:
    assert read_json(RequiredField(name="topics", type="array"), text)[1] == fault
