"""Own where prompts came from: read it, and look whether the source is still the same."""

from typing import Final

from bson import ObjectId

from core import clock
from core.documents import Prompt, PromptSource, SourceText
from core.errors import FetchFailed, Invalid, NotFound
from core.extraction.sources import Extractor, digest_of, read_text
from core.values.scope import Scope
from prompthub.wire.extraction import CheckState

MAX_LISTED: Final = 100
_GONE: Final = frozenset({404, 410})


async def list_sources(scope: Scope, prompt: Prompt) -> list[PromptSource]:
    """Return where a prompt came from, oldest first.

    Raises:
        NotFound, NotAllowed: the prompt is not the caller's to read.
    """
    scope.refuse_application()
    scope.require("viewer", prompt.application_id, kind="prompt", key=prompt.prompt_id)
    rows = PromptSource.collection().find({"prompt_id": prompt.key}).sort("_id", 1)
    return [PromptSource.model_validate(row) for row in await rows.to_list(MAX_LISTED)]


async def check_again(
    scope: Scope, prompt: Prompt, link_id: ObjectId, by: Extractor
) -> PromptSource:
    """Fetch the source of a prompt once more and note whether it is still the same.

    Raises:
        NotFound, NotAllowed: the prompt has no such source, or the caller is no editor.
        Invalid: the source has no address.
        AddressRefused, FetchFailed, SourceUnreadable: it cannot be looked at now.
    """
    scope.require("editor", prompt.application_id, kind="prompt", key=prompt.prompt_id)
    link = await PromptSource.find_first({"_id": link_id, "prompt_id": prompt.key})
    if link is None:
        raise NotFound("source", str(link_id))
    if not link.source_url:
        raise Invalid(
            "The source is a text or a file without an address.",
            field="source_id",
            remedy="Extract it again and compare.",
        )
    fields = {"checked_at": clock.now(), "check_state": await _compare(link, by)}
    return await PromptSource.change_one({"_id": link.key}, fields) or link


async def _compare(link: PromptSource, by: Extractor) -> CheckState:
    try:
        read, _, _ = await by.read_page(link.source_url)
    except FetchFailed as error:
        if error.facts.get("upstream_status") in _GONE:
            return "gone"
        raise
    if digest_of(read.text) == link.content_digest:
        return "unchanged"
    source = await SourceText.find_first({"_id": link.source_id})
    then = await read_text(source) if source else ""
    stretches = [then[span["start"] : span["end"]] for span in link.spans]
    is_there = bool(then) and all(stretch in read.text for stretch in stretches)
    return "changed_elsewhere" if is_there else "changed"
