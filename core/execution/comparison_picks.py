"""Own which answer of a comparison a person takes for the best."""

from typing import Any

from bson import ObjectId

from core.documents import Comparison, changed
from core.errors import Invalid, NotAllowed, NotFound
from core.execution.compare import Position
from core.execution.comparisons import require_editor
from core.values.scope import Scope


async def pick_best(scope: Scope, comparison: Comparison, position: Position) -> None:
    """Store the caller's best answer to an input, in place of an earlier one.

    Raises:
        NotAllowed: the caller is no editor, or no person.
        NotFound: the comparison is not visible, or was deleted.
        Invalid: that cell was not run.
    """
    mine = _mine(scope, comparison, position)
    if position.key not in comparison.cells:
        raise Invalid("Only an answer can be the best.", field="position")
    cells = Comparison.collection()
    here = {"_id": comparison.key}
    new = changed()
    # Of two tabs at once one finds the other's pick there, and goes around again to change it.
    while True:
        moved = await cells.update_one(
            {**here, "picks": {"$elemMatch": mine}},
            {**new, "$set": {**new["$set"], "picks.$.column": position.column}},
        )
        if moved.matched_count:
            return
        added = await cells.update_one(
            {**here, "picks": {"$not": {"$elemMatch": mine}}},
            {**new, "$push": {"picks": {**mine, "column": position.column}}},
        )
        if added.matched_count:
            return
        if not await Comparison.find(here).exists():
            raise NotFound("comparison", str(comparison.key))


async def unpick_best(scope: Scope, comparison: Comparison, position: Position) -> None:
    """Take the caller's pick of this very cell back; nothing where another one is picked.

    Raises:
        NotAllowed: the caller is no editor, or no person.
        NotFound: the comparison is not visible.
    """
    mine = _mine(scope, comparison, position)
    pull = {"$pull": {"picks": {**mine, "column": position.column}}}
    await Comparison.collection().update_one({"_id": comparison.key}, {**changed(), **pull})


async def forget_person(user_id: ObjectId) -> None:
    """Let the picks of a person stand as those of nobody."""
    await Comparison.collection().update_many(
        {"picks.user_id": user_id},
        {"$set": {"picks.$[one].user_id": ObjectId()}},
        array_filters=[{"one.user_id": user_id}],
    )


def _mine(scope: Scope, comparison: Comparison, position: Position) -> dict[str, Any]:
    require_editor(scope, comparison)
    if scope.user_id is None:
        raise NotAllowed("Only people pick.", role="editor")
    return {
        "input": position.input,
        "repetition": position.repetition,
        "user_id": scope.user_id,
    }
