"""Write the pages of the documentation that are tables of code: `python docs/generate.py`."""

import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))

from core import errors  # noqa: E402 - the path is set just above
from core.api.problems import MEDIA_TYPE, status_of, title_of  # noqa: E402 - as above
from core.settings import Settings  # noqa: E402 - as above


class Row(NamedTuple):
    """One setting."""

    name: str
    default: str
    meaning: str


def main() -> None:
    """Write every generated page."""
    (DOCS / "settings.md").write_text(settings_page())
    (DOCS / "errors.md").write_text(errors_page())


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

Keys of providers keep the names their vendors gave them: `OPENAI_API_KEY`, `ANTHROPIC_API_KEY`.

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
    if value in (None, "", (), {}, PydanticUndefined):
        return "not set"
    return f"`{value if isinstance(value, str | Path) else json.dumps(value)}`"


def errors_page() -> str:
    """Return docs/errors.md."""
    kinds: list[type[errors.PromptHubError]] = [getattr(errors, name) for name in errors.__all__]
    rows = "\n".join(
        f"| `{kind.code}` | {status_of(kind)} | {kind.__name__} | {title_of(kind)}. |"
        for kind in sorted(kinds, key=lambda kind: (status_of(kind), kind.code))
    )
    return f"""# Errors

Everything that goes wrong on purpose is one of these. Pages show the sentence and the remedy; the
REST API answers `{MEDIA_TYPE}` (RFC 9457) with `type`, `title`, `status`, `detail`, `code` and the
facts behind it. The code is stable, the sentences are not.

| code | HTTP | class | when |
| --- | --- | --- | --- |
{rows}

The framework itself answers `not_found` for an address that is none and `method_not_allowed` (405).
A `stale_revision` is 412 where the request carried `If-Match`. `Retry-After` stands with 429 and
503.

## The tree

```
{inspect.getdoc(errors) or ""}
```

This page is made by `python docs/generate.py` from `core/errors` and `core/api/problems.py`.
"""


if __name__ == "__main__":
    main()
