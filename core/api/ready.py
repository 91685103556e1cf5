"""Own what is kept ready of published versions: the whole answer, and what it takes to render."""

import asyncio
import math
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from bson import ObjectId
from starlette.responses import Response

from core.api.answers import REVALIDATE, version_tag
from core.api.answers import answer as answer_shape
from core.api.versions import show_version
from core.documents import Prompt
from core.leases import Leases
from core.prompts.composition import compose
from core.prompts.resolve import number_of, resolve_version
from core.templates.compose import Part, is_quick, render_composed
from core.values.scope import Scope
from prompthub.wire import versions as wire

MAX_ANSWERS_BYTES: Final = 16 * 1024 * 1024
MAX_PARTS_BYTES: Final = 16 * 1024 * 1024
# What an entry takes beside its texts, roughly.
_ENTRY_BYTES: Final = 4_000
QUICK_VALUES_BYTES: Final = 8 * 1024


class Kept(NamedTuple):
    """The answers to a client that does not and to one that does hold the version already."""

    tag: str
    full: Response
    unchanged: Response


class Renderable(NamedTuple):
    """A version with all it is made of; `is_quick` is that of `core.templates.compose`."""

    part: Part
    is_quick: bool
    number: str
    checksum: str

    async def render(self, variables: Mapping[str, Any], *, size_bytes: int) -> Response:
        """Return the answer for the version filled in with values of about this size.

        Raises:
            PromptHubError: as `core.templates.compose.render_composed` does.
        """
        # Other templates may compute for up to two seconds, which must not hold up other requests.
        if self.is_quick and size_bytes <= QUICK_VALUES_BYTES:
            messages = render_composed(self.part, variables)
        else:
            messages = await asyncio.to_thread(render_composed, self.part, variables)
        return answer_shape(
            wire.Rendered(
                messages=[wire.RenderedMessage(role=m.role, content=m.content) for m in messages],
                version=self.number,
                checksum=self.checksum,
            )
        )


# A published version changes only together with its prompt (publishing it again to make it
# current), so that what is kept is that of a revision of the prompt.
_Key = tuple[ObjectId, int, str]
_ANSWERS: Final = Leases[_Key, Kept](
    room=MAX_ANSWERS_BYTES,
    valid_seconds=math.inf,
    weigh=lambda kept: _ENTRY_BYTES + len(kept.full.body),
)
_PARTS: Final = Leases[_Key, Renderable](
    room=MAX_PARTS_BYTES, valid_seconds=math.inf, weigh=lambda one: _size_of(one.part)
)


def find_answer(prompt: Prompt, selector: str) -> Kept | None:
    """Return the ready answers for what a selector means, None when there are none yet.

    Raises:
        PromptHubError: as `core.prompts.resolve.number_of` does.
    """
    return _ANSWERS.find(_key(prompt, selector))


async def get_answer(scope: Scope, prompt: Prompt, selector: str) -> Kept:
    """Return the ready answers, made now where there are none; `scope` is an application's.

    Raises:
        PromptHubError: as `core.prompts.resolve.resolve_version` does.
    """
    key = _key(prompt, selector)
    return await _ANSWERS.get(key, lambda: _make(scope, prompt, key[2]))


def find_renderable(prompt: Prompt, selector: str) -> Renderable | None:
    """Return what is kept for rendering what a selector means, None when nothing is yet.

    Raises:
        PromptHubError: as `core.prompts.resolve.number_of` does.
    """
    return _PARTS.find(_key(prompt, selector))


async def get_renderable(scope: Scope, prompt: Prompt, selector: str) -> Renderable:
    """Return what is kept for rendering, read now where it is not; `scope` is an application's.

    Raises:
        PromptHubError: as `resolve_version` and `compose` do.
    """
    key = _key(prompt, selector)
    return await _PARTS.get(key, lambda: _compose(scope, prompt, key[2]))


def _key(prompt: Prompt, selector: str) -> _Key:
    return prompt.key, prompt.revision, number_of(prompt, selector)


async def _make(scope: Scope, prompt: Prompt, number: str) -> Kept:
    version = await resolve_version(scope, prompt, number)
    tag = version_tag(version)
    headers = {"ETag": tag, "Cache-Control": REVALIDATE}
    return Kept(
        tag,
        full=answer_shape(show_version(prompt, version), headers=headers),
        unchanged=Response(status_code=304, headers=headers),
    )


async def _compose(scope: Scope, prompt: Prompt, number: str) -> Renderable:
    version = await resolve_version(scope, prompt, number)
    name = f"{prompt.prompt_id}@{number}"
    composed = await compose(version.body, prompt.application_id, name=name)
    quick = await asyncio.to_thread(is_quick, composed.part)
    return Renderable(composed.part, quick, number, version.checksum)


def _size_of(part: Part) -> int:
    own = _ENTRY_BYTES + len(part.body.content) + len(part.body.system_prompt)
    return own + len(part.body.metaprompt) + sum(_size_of(link.part) for link in part.links)
