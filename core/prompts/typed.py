"""Own what a person has typed to try a prompt with and not yet run."""

from typing import Any, Literal

from bson import ObjectId

from core.documents import TypedInput, changed
from core.errors import NotAllowed
from core.values.scope import Scope
from core.values.storable import check_storable

Part = Literal["form", "table"]


async def keep_typed(
    scope: Scope,
    application_id: ObjectId,
    place_id: ObjectId,
    values: dict[str, Any],
    *,
    part: Part = "form",
    began_with: str = "",
) -> None:
    """Store what the caller has typed at a place of an application, in place of what was there.

    Without any values nothing is kept.

    Raises:
        NotFound: the application is not visible.
        NotAllowed: the caller is no person.
        TooLarge: it is longer than `core.values.storable.MAX_BYTES`.
    """
    own = _own(scope, application_id, place_id, part)
    check_storable(values, field="values")
    if values:
        fields = changed(values=values, began_with=began_with)
        await TypedInput.collection().update_one(own, fields, upsert=True)
    else:
        await TypedInput.collection().delete_one(own)


async def find_typed(
    scope: Scope, application_id: ObjectId, place_id: ObjectId, *, part: Part = "form"
) -> TypedInput | None:
    """Return what the caller has typed at a place and not yet run, if there is something.

    Raises:
        NotFound: the application is not visible.
        NotAllowed: the caller is no person.
    """
    return await TypedInput.find_first(_own(scope, application_id, place_id, part))


def _own(scope: Scope, application_id: ObjectId, place_id: ObjectId, part: Part) -> dict[str, Any]:
    scope.require("viewer", application_id, kind="application", key=str(application_id))
    if scope.user_id is None:
        raise NotAllowed("Only people keep what they type.")
    return {"user_id": scope.user_id, "place_id": place_id, "part": part}
