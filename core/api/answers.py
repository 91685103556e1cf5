"""Own the making of JSON answers, entity tags and their comparison."""

from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from core.documents import Prompt, PromptVersion

# What a client may keep but must ask about before each use.
REVALIDATE: Final = "private, no-cache"
# No stored revision is negative, so that a tag of something else is always stale.
NEVER: Final = -1


def answer(
    model: BaseModel, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a shape as JSON; pydantic writes it, as FastAPI's own way validates it again."""
    return Response(
        model.model_dump_json(),
        status_code=status,
        headers=dict(headers or {}),
        media_type="application/json",
    )


def tagged_answer(
    request: Request, model: BaseModel, tag: str, *, status: int = 200, location: str = ""
) -> Response:
    """Return a shape with its entity tag, or 304 when the client holds it already."""
    headers = {"ETag": tag, "Cache-Control": REVALIDATE}
    if location:
        headers["Location"] = location
    if request.method == "GET" and is_among(tag, request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    return answer(model, status=status, headers=headers)


def prompt_tag(prompt: Prompt) -> str:
    """Return the tag of a prompt; a save moves `updated_at` without a new revision."""
    changed_ms = int(prompt.updated_at.timestamp() * 1000)
    return f'"{prompt.key}.{prompt.revision}.{changed_ms}"'


def version_tag(version: PromptVersion) -> str:
    """Return the tag of a version."""
    return f'"{version.key}.{version.revision}"'


def is_among(tag: str, held: str) -> bool:
    """Tell whether the header `If-None-Match` names the tag."""
    return held == "*" or tag in (one.strip().removeprefix("W/") for one in held.split(","))


def expected_revision(request: Request, stored: Prompt | PromptVersion) -> int | None:
    """Return the revision that `If-Match` names, None without the header or for `*`.

    A tag of anything else than `stored` gives a revision that never matches.
    """
    tag = request.headers.get("if-match", "*").strip()
    if tag == "*":
        return None
    key, _, rest = tag.strip('"').partition(".")
    revision = rest.partition(".")[0]
    if key != str(stored.key) or not revision.isdecimal() or len(revision) > 9:  # noqa: PLR2004 - bounds int()
        return NEVER
    return int(revision)
