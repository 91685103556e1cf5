"""Own what a person decides about proposals before saving them: it survives a refresh."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pymongo import DeleteOne, UpdateOne

from core import clock
from core.documents import SourceReview, SourceText
from core.documents.base import changed
from core.errors import NotAllowed
from core.values.body import Text
from core.values.scope import Scope


class Choice(BaseModel):
    """What differs from the proposal; None is as proposed. All is as typed and may break rules.

    `end` is where the last proposal ends that was merged into this one, `marked` where a stretch
    ends that no rule found and that the person marked.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    ticked: bool | None = None
    dropped: bool = False
    end: int | None = None
    marked: int | None = None
    name: Text | None = Field(default=None, max_length=300)
    description: Text | None = Field(default=None, max_length=6_000)
    tags: tuple[Text, ...] | None = None
    content: Text | None = Field(default=None, max_length=200_000)


AS_PROPOSED = Choice()


async def list_choices(scope: Scope, source: SourceText) -> dict[int, Choice]:
    """Return the caller's choices by the start of their proposals; none for who is no person.

    Raises:
        NotFound: the source is not the caller's to read.
    """
    scope.require("viewer", source.application_id, kind="source", key=str(source.key))
    if scope.user_id is None:
        return {}
    own = {"source_id": source.key, "user_id": scope.user_id}
    found: dict[int, Choice] = {}
    async for row in SourceReview.collection().find(own):
        try:
            found[row["start"]] = Choice.model_validate(row["choice"])
        except ValidationError:
            continue
    return found


async def keep_choices(scope: Scope, source: SourceText, choices: Mapping[int, Choice]) -> None:
    """Store choices in place of earlier ones; one that is as proposed is forgotten.

    Raises:
        NotFound, NotAllowed: the caller is no editor, or no person.
    """
    scope.require("editor", source.application_id, kind="source", key=str(source.key))
    if scope.user_id is None:
        raise NotAllowed("Only people review what was found.")
    if not choices:
        return
    own = {"source_id": source.key, "user_id": scope.user_id}
    new = {"application_id": source.application_id}
    writes = [
        DeleteOne({**own, "start": start})
        if choice == AS_PROPOSED
        else UpdateOne(
            {**own, "start": start},
            {
                **changed(choice=choice.model_dump(exclude_defaults=True), **new),
                "$setOnInsert": {"created_at": clock.now()},
            },
            upsert=True,
        )
        for start, choice in choices.items()
    ]
    await SourceReview.collection().bulk_write(writes, ordered=False)
