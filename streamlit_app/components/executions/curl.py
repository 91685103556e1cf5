"""Own the shell command that runs the same again over the API."""

import json
import shlex
from typing import Any
from urllib.parse import quote

from core.documents import ExecutionLog
from core.settings import ServerSettings
from streamlit_app.addresses import shown_address
from streamlit_app.components.execution_card import model_of


def curl_of(row: ExecutionLog, server: ServerSettings) -> str:
    """Return the command for a saved version; the key stays in the caller's environment."""
    body: dict[str, Any] = {
        "variables": row.input_data.get("variables", {}),
        "model": model_of(row) or None,
        "model_params": row.input_data.get("model_params") or None,
    }
    said = {name: value for name, value in body.items() if value is not None}
    path = f"/api/v1/execute/{quote(row.prompt_id or '', safe='')}/{row.version}"
    lines = [
        f"curl {shlex.quote(shown_address(server).rstrip('/') + path)}",
        '-H "X-API-Key: $PROMPTHUB_API_KEY"',
        "-H 'Content-Type: application/json'",
        f"-d {shlex.quote(json.dumps(said, ensure_ascii=False, indent=2))}",
    ]
    return " \\\n  ".join(lines)
