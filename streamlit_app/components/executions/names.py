"""Own who ran an execution, in words: a person, or an application by its key."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from bson import ObjectId

from core.accounts.applications import list_applications
from core.accounts.users import UserQuery, list_users
from core.documents import ExecutionLog
from core.values.scope import Scope

ME = "Me"
LISTED_USERS = 100


@dataclass(frozen=True)
class Names:
    """The applications of the viewer by name, and the people that the viewer may know of."""

    applications: Mapping[ObjectId, str]
    people: Mapping[ObjectId, str]

    def caller(self, row: ExecutionLog) -> str:
        """Return who ran it."""
        if row.user_id is None:
            return self.applications.get(row.application_id, "an application")
        return self.people.get(row.user_id, "somebody else")

    def find_person(self, name: str | None) -> ObjectId | None:
        """Return whose name it is."""
        return next((key for key, known in self.people.items() if known == name), None)


async def load_names(scope: Scope) -> Names:
    """Load the names; superusers know everybody, others themselves."""
    applications, people = await asyncio.gather(list_applications(scope), _people(scope))
    if scope.user_id is not None:
        people[scope.user_id] = ME
    return Names({found.key: found.name for found in applications}, people)


async def _people(scope: Scope) -> dict[ObjectId, str]:
    if not scope.sees_everything:
        return {}
    page = await list_users(scope, UserQuery(), skip=0, limit=LISTED_USERS)
    return {user.key: user.email for user in page.items}
