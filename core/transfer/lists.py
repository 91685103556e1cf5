"""Own the look at a simple list of prompts before it is brought in: what would become of each."""

from collections.abc import Sequence

from bson import ObjectId

from core.prompts.bulk import PromptRecord
from core.prompts.naming import id_from_name
from core.transfer.outcome import Item, Report
from core.transfer.plan import Present, read_present
from core.values.scope import Scope
from core.values.semver import FIRST, SemVer


async def look_over(
    scope: Scope, application_id: ObjectId, records: Sequence[PromptRecord]
) -> Report:
    """Return what `import_prompts` would do with the records; nothing is stored.

    Raises:
        NotFound, NotAllowed: the application is not the caller's, or the caller is no editor.
    """
    scope.require("editor", application_id, kind="application", key=str(application_id))
    ids = [id_from_name(record.key) for record in records]
    present = await read_present(application_id, sorted(set(ids)))
    seen: dict[str, _Prompt] = {}
    items: list[Item] = []
    for position, (prompt_id, record) in enumerate(zip(ids, records, strict=True)):
        prompt = seen.setdefault(prompt_id, _Prompt(present.get(prompt_id)))
        items.append(prompt.take(position, prompt_id, record))
    return Report(dry_run=True, items=tuple(items))


class _Prompt:
    """A prompt as it will be after the records looked at so far; the list may hold it twice."""

    def __init__(self, present: Present | None) -> None:
        versions = present.versions.values() if present else ()
        self._is_active = present is None or present.prompt.is_active
        self._is_there = present is not None
        self._checksums = {one.checksum for one in versions if not one.is_deleted}
        self._numbers = [SemVer.parse(one.version) for one in versions]

    def take(self, position: int, prompt_id: str, record: PromptRecord) -> Item:
        """Return what becomes of a record."""
        checksum = record.body.checksum()
        if not self._is_active:
            return Item(position, prompt_id, "unchanged", kept=("is_active",))
        if checksum in self._checksums:
            return Item(position, prompt_id, "unchanged")
        number = max(self._numbers).bumped("patch") if self._numbers else FIRST
        outcome = "changed" if self._is_there else "created"
        self._is_there = True
        self._checksums.add(checksum)
        self._numbers.append(number)
        return Item(position, prompt_id, outcome, versions_added=(str(number),))
