"""Own who ran an execution, in words: a person, or an application by its key."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bson import ObjectId

from core.accounts.directory import find_named, find_people
from core.documents import ExecutionLog
from core.values.scope import Scope

ME = "Me"
SOMEBODY = "somebody else"


@dataclass(frozen=True)
class Names:
    """Applications by name and people by address, of those that the viewer may know of."""

    applications: Mapping[ObjectId, str]
    people: Mapping[ObjectId, str]
    viewer_id: ObjectId | None

    def caller(self, row: ExecutionLog) -> str:
        """Return who ran it, as seen by the viewer."""
        if row.user_id is not None and row.user_id == self.viewer_id:
            return ME
        return self.account(row)

    def account(self, row: ExecutionLog) -> str:
        """Return who ran it, as told to anybody else."""
        if row.erased_at:
            return "caller erased"
        if row.user_id is None:
            return self.applications.get(row.application_id, "an application")
        return self.people.get(row.user_id, SOMEBODY)


async def load_names(scope: Scope, rows: Iterable[ExecutionLog]) -> Names:
    """Load what the rows name, by two reads however many there are."""
    rows = list(rows)
    applications, people = await asyncio.gather(
        find_named(scope, (row.application_id for row in rows)),
        find_people(scope, {row.user_id for row in rows if row.user_id}),
    )
    return Names(applications, {key: user.email for key, user in people.items()}, scope.user_id)
