"""Write the pages of the documentation that are tables of code: `python docs/generate.py`."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))

from core.settings import Settings  # noqa: E402 - the path is set just above


class Row(NamedTuple):
    """One setting."""

    name: str
    default: str
    meaning: str


def main() -> None:
    """Write every generated page."""
    (DOCS / "settings.md").write_text(settings_page())


def settings_page() -> str:
    """Return docs/settings.md."""
    rows = "\n".join(
        f"| `{row.name}` | {row.default} | {row.meaning} |"
        for row in setting_rows(Settings, "PROMPTHUB_")
    )
    return f"""# Settings

Every setting is an environment variable. Lists are written as JSON. A process reads them once,
when it starts.

| variable | default | meaning |
| --- | --- | --- |
{rows}

Keys of providers keep the names their vendors gave them: `OPENAI_API_KEY`.

This page is made by `python docs/generate.py` from `core/settings.py`.
"""


def setting_rows(model: type[BaseModel], prefix: str) -> Iterator[Row]:
    """Yield every setting of a section and the sections below it."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from setting_rows(field.annotation, f"{prefix}{name.upper()}__")
        else:
            yield Row(f"{prefix}{name.upper()}", _default(field.default), field.description or "")


def _default(value: Any) -> str:
    if value in {None, "", PydanticUndefined} or value == ():
        return "not set"
    return f"`{value if isinstance(value, str | Path) else json.dumps(value)}`"


if __name__ == "__main__":
    main()
