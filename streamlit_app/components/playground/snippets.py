"""Own the code that runs or fills in a version over the API, to be pasted elsewhere."""

import json
import shlex
from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple, cast
from urllib.parse import quote

Act = Literal["execute", "render"]
Language = Literal["python", "curl"]
KEY_VARIABLE: Final = "PROMPTHUB_API_KEY"
ONE_LINE: Final = 60


class Call(NamedTuple):
    """One request of the API: where it goes, what it sends, where the answer stands."""

    url: str
    body: Mapping[str, Any]
    act: Act


def make_call(
    act: Act,
    *,
    server: str,
    prompt_id: str,
    version: str,
    variables: Mapping[str, Any],
    model: str | None = None,
    model_params: Mapping[str, Any] | None = None,
) -> Call:
    """Return the request that runs a version (a number, `latest` or `label:NAME`), or fills it in.

    Model and parameters are for running only.
    """
    prompt, number = quote(prompt_id, safe=""), quote(version, safe=":")
    if act == "render":
        path, body = f"prompts/{prompt}/versions/{number}/render", {"variables": variables}
    else:
        path = f"execute/{prompt}/{number}"
        body = {"variables": variables, "model": model, "model_params": model_params or None}
    said = {name: value for name, value in body.items() if value is not None}
    return Call(f"{server.rstrip('/')}/api/v1/{path}", said, act)


def write_code(call: Call, language: Language) -> str:
    """Return the request as a command or a program; the key stays in the environment."""
    return _curl(call) if language == "curl" else _python(call)


def _curl(call: Call) -> str:
    lines = [
        f"curl {shlex.quote(call.url)}",
        f'-H "X-API-Key: ${KEY_VARIABLE}"',
        "-H 'Content-Type: application/json'",
        f"-d {shlex.quote(json.dumps(call.body, ensure_ascii=False, indent=2))}",
    ]
    return " \\\n  ".join(lines)


def _python(call: Call) -> str:
    shown = (
        'print(response.json()["output"]["text"])'
        if call.act == "execute"
        else 'for message in response.json()["messages"]:\n'
        "    print(f\"{message['role']}: {message['content']}\")"
    )
    return f"""import os

import httpx

body = {_literal(dict(call.body))}
response = httpx.post(
    {json.dumps(call.url)},
    headers={{"X-API-Key": os.environ["{KEY_VARIABLE}"]}},
    json=body,
    timeout=120,
)
if response.is_error:
    raise SystemExit(response.text)
{shown}
"""


def _literal(value: Any, indent: str = "") -> str:
    """Write plain data as Python, one member to a line where it would not fit in one."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)  # its escapes are Python's as well
    inner = f"{indent}    "
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        members = [f"{_literal(name)}: {_literal(one, inner)}" for name, one in pairs]
        ends = "{}"
    elif isinstance(value, list | tuple):
        members = [_literal(one, inner) for one in cast("list[Any]", value)]
        ends = "[]"
    else:
        return repr(value)
    line = ", ".join(members)
    if not members or (len(line) <= ONE_LINE and "\n" not in line):
        return f"{ends[0]}{line}{ends[1]}"
    lines = "".join(f"{inner}{member},\n" for member in members)
    return f"{ends[0]}\n{lines}{indent}{ends[1]}"
