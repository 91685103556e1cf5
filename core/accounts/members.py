"""Own membership: who besides the owner may do what in an application."""

from typing import Any, Final, NamedTuple

from bson import ObjectId
from pymongo import ReturnDocument

from core import audit, clock
from core.accounts.applications import get_administered, get_application
from core.accounts.emails import normalise_email
from core.documents import Application, Member, User
from core.errors import Conflict, NotAllowed, NotFound
from core.values.scope import Scope
from prompthub.wire.literals import Role

MAX_MEMBERS: Final = 500


class Membership(NamedTuple):
    """A person with access to an application; the owner is listed first, as admin."""

    user: User
    role: Role
    is_owner: bool


async def list_members(scope: Scope, application_id: ObjectId) -> list[Membership]:
    """Return the owner and then the members by address.

    Raises:
        NotFound: there is no such application, or it is somebody else's.
        NotAllowed: the caller is no admin of it.
    """
    application = await get_administered(scope, application_id)
    roles: dict[ObjectId, Role] = {member.user_id: member.role for member in application.members}
    roles[application.owner_id] = "admin"
    users = await User.find({"_id": {"$in": list(roles)}}).sort("email").to_list()
    found = [
        Membership(user, roles[user.key], is_owner=user.key == application.owner_id)
        for user in users
    ]
    return sorted(found, key=lambda membership: not membership.is_owner)


async def find_person(scope: Scope, application_id: ObjectId, email: str) -> User | None:
    """Return the account of an exact address, active or not, to make it a member.

    Raises:
        NotFound: there is no such application, or it is somebody else's.
        NotAllowed: the caller is no admin of it.
        Invalid: it is no e-mail address.
    """
    await get_administered(scope, application_id)
    return await User.find_first({"email": normalise_email(email)})


async def set_member(
    scope: Scope, application_id: ObjectId, user_id: ObjectId, role: Role
) -> Application:
    """Give a person a role, in place of an earlier one, and return the application.

    Raises:
        NotFound: there is no such application or user.
        NotAllowed: the caller is no admin.
        Conflict: the person owns the application, or it has too many members.
    """
    application = await get_administered(scope, application_id)
    if await User.find_one({"_id": user_id, "is_active": True}) is None:
        raise NotFound("user", str(user_id))
    after = await _replace(application, user_id, [{"user_id": user_id, "role": role}])
    await _record(scope, "member.set", application, user_id, role)
    return after


async def admit(application_id: ObjectId, user_id: ObjectId, role: Role) -> None:
    """Give a person the role of an accepted invitation, unless the person holds one.

    Raises:
        Conflict: the application has too many members.
    """
    entry = {"user_id": user_id, "role": role}
    admitted = await Application.collection().update_one(
        {
            "_id": application_id,
            "owner_id": {"$ne": user_id},
            "members.user_id": {"$ne": user_id},
            f"members.{MAX_MEMBERS - 1}": {"$exists": False},
        },
        {
            "$push": {"members": entry},
            "$set": {"updated_at": clock.now()},
            "$inc": {"revision": 1},
        },
    )
    holds = {"$or": [{"owner_id": user_id}, {"members.user_id": user_id}]}
    if admitted.modified_count:
        return
    if await Application.find_first({"_id": application_id, **holds}) is None:
        raise _full()


async def transfer_application(
    scope: Scope, application_id: ObjectId, user_id: ObjectId
) -> Application:
    """Make a member the owner and return the application; the old owner stays as an admin.

    Raises:
        NotFound: there is no such application, or the person is no member of it.
        NotAllowed: the caller is neither the owner nor a superuser.
        Conflict: the person owns it, or has a deactivated account, or it was changed meanwhile.
    """
    application = await get_application(scope, application_id)
    old_id = application.owner_id
    if not scope.sees_everything and scope.user_id != old_id:
        raise NotAllowed("Only the owner and superusers hand an application over.", role="owner")
    if user_id == old_id:
        raise Conflict("This person owns the application already.")
    if not any(member.user_id == user_id for member in application.members):
        raise NotFound("member", str(user_id))
    if await User.find_first({"_id": user_id, "is_active": True}) is None:
        raise Conflict("This person's account is deactivated; a superuser restores it.")
    after = await _hand_over(application, user_id)
    await audit.record(
        scope,
        "application.transfer",
        f"application:{application_id}",
        application_id=application_id,
        before={"owner_id": str(old_id)},
        after={"owner_id": str(user_id)},
    )
    return after


async def _hand_over(application: Application, user_id: ObjectId) -> Application:
    old_id, old = application.owner_id, application.members
    others = [member for member in old if member.user_id != user_id]
    members = [*others, Member(user_id=old_id, role="admin")]
    after = await Application.change_one(
        {
            "_id": application.key,
            "owner_id": old_id,
            "members": [member.model_dump() for member in old],
        },
        {"owner_id": user_id, "members": [member.model_dump() for member in members]},
    )
    if after is None:
        raise Conflict("The application was changed by somebody else meanwhile; look again.")
    return after


async def remove_member(scope: Scope, application_id: ObjectId, user_id: ObjectId) -> Application:
    """Take a person's role away and return the application; people may give up their own.

    An admin always remains: the owner, whose role is fixed.

    Raises:
        NotFound: there is no such application, or the person is no member of it.
        NotAllowed: the caller is no admin and asks about somebody else.
        Conflict: the person owns the application.
    """
    look = get_application if user_id == scope.user_id else get_administered
    application = await look(scope, application_id)
    is_member = any(member.user_id == user_id for member in application.members)
    if not is_member and application.owner_id != user_id:
        raise NotFound("member", str(user_id))
    after = await _replace(application, user_id, [])
    await _record(scope, "member.remove", application, user_id, None)
    return after


async def _replace(
    application: Application, user_id: ObjectId, entries: list[dict[str, Any]]
) -> Application:
    """Put `entries` in the place of a person's entry, in one write whatever others do."""
    others = {"$filter": {"input": "$members", "cond": {"$ne": ["$$this.user_id", user_id]}}}
    stored = await Application.collection().find_one_and_update(
        {
            "_id": application.key,
            "owner_id": {"$ne": user_id},
            "$or": [
                {f"members.{MAX_MEMBERS - 1}": {"$exists": False}},
                {"members.user_id": user_id},
            ],
        },
        [
            {
                "$set": {
                    "members": {"$concatArrays": [others, entries]},
                    "updated_at": clock.now(),
                    "revision": {"$add": ["$revision", 1]},
                }
            }
        ],
        return_document=ReturnDocument.AFTER,
    )
    if stored is None:
        raise _full()
    return Application.model_validate(stored)


def _full() -> Conflict:
    return Conflict(
        f"The owner's role is fixed, and an application has {MAX_MEMBERS} members at most."
    )


async def _record(
    scope: Scope, action: str, application: Application, user_id: ObjectId, role: Role | None
) -> None:
    held = next((m.role for m in application.members if m.user_id == user_id), None)
    await audit.record(
        scope,
        action,
        f"application:{application.key}",
        application_id=application.key,
        before={"user_id": str(user_id), "role": held},
        after={"user_id": str(user_id), "role": role},
    )
