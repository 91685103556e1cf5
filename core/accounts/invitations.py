"""Own invitations: links by which an address without an account joins an application.

How one is used is in `acceptance.py`.
"""

from datetime import timedelta
from typing import Any, Final, NamedTuple

from bson import ObjectId
from pydantic import SecretStr

from core import audit, clock
from core.accounts.applications import get_administered
from core.accounts.credentials import digest_of, new_credential
from core.accounts.emails import normalise_email
from core.accounts.members import MAX_MEMBERS, find_person, set_member
from core.documents import Application, Invitation, User
from core.errors import Conflict, Invalid, NotFound
from core.rate_limits import RateLimits
from core.values.scope import Scope
from prompthub.wire.literals import Role

# Each tells an admin whether an address has an account, so they are not for reading out lists.
PER_HOUR: Final = 100
_ASK: Final = "Ask whoever invited you for a new one."


class Invited(NamedTuple):
    """What came of inviting an address.

    It has an account, which is a member now (`user`), or gets an invitation with its token, which
    is shown this once.
    """

    user: User | None
    invitation: Invitation | None
    token: SecretStr | None


class Offer(NamedTuple):
    """What the holder of a link may know of it before using it."""

    email: str
    role: Role
    application_name: str
    has_account: bool


async def invite(
    scope: Scope,
    application_id: ObjectId,
    email: str,
    role: Role,
    *,
    days: int,
    limits: RateLimits,
) -> Invited:
    """Make a link for an address without an account; one with an account is a member at once.

    An open invitation of the same address into the application ends: the newest link counts.

    Raises:
        NotFound: there is no such application, or it is somebody else's.
        NotAllowed: the caller is no admin of it.
        Invalid: it is no e-mail address.
        Conflict: the application is deactivated or full, or the account deactivated or the owner's.
        RateLimited: the caller invited more than `PER_HOUR`.
    """
    application = await get_administered(scope, application_id)
    await limits.take("invitations", scope.actor, limit=PER_HOUR, seconds=60 * 60)
    address = normalise_email(email)
    if not application.is_active:
        raise Conflict("The application is deactivated; restore it first.")
    user = await find_person(scope, application_id, address)
    if user is not None:
        if not user.is_active:
            raise Conflict("The account of this address is deactivated; a superuser restores it.")
        await set_member(scope, application_id, user.key, role)
    await _end({"application_id": application_id, "email": address})
    if user is not None:
        return Invited(user, None, None)
    await _require_room(application)
    return await _insert(scope, application, address, role, days)


async def _insert(
    scope: Scope, application: Application, address: str, role: Role, days: int
) -> Invited:
    credential = new_credential()
    invitation = Invitation(
        application_id=application.key,
        email=address,
        role=role,
        token_digest=credential.digest,
        invited_by=scope.actor,
        expires_at=clock.now() + timedelta(days=days),
    )
    await invitation.insert()
    await record(scope, "invitation.create", invitation)
    return Invited(None, invitation, credential.secret)


async def _require_room(application: Application) -> None:
    waiting = await Invitation.find(still_open({"application_id": application.key})).count()
    if len(application.members) + waiting >= MAX_MEMBERS:
        raise Conflict(
            f"An application has {MAX_MEMBERS} members at most, open invitations included."
        )


def still_open(which: dict[str, Any]) -> dict[str, Any]:
    """Return the query `which`, narrowed to invitations that can be used now."""
    moment = clock.now()
    return {**which, "accepted_at": None, "revoked_at": None, "expires_at": {"$gt": moment}}


def unclaimed() -> dict[str, Any]:
    """Return the part of a query for what nobody is using at this moment."""
    return {"$or": [{"claimed_until": None}, {"claimed_until": {"$lte": clock.now()}}]}


async def _end(which: dict[str, Any]) -> int:
    """Take open invitations back, but none that is being used, and return how many."""
    ended = await Invitation.collection().update_many(
        {**still_open(which), **unclaimed()}, {"$set": {"revoked_at": clock.now()}}
    )
    return ended.modified_count


async def list_invitations(scope: Scope, application_id: ObjectId) -> list[Invitation]:
    """Return the open invitations into an application, by address.

    Raises:
        NotFound: there is no such application, or it is somebody else's.
        NotAllowed: the caller is no admin of it.
    """
    await get_administered(scope, application_id)
    return (
        await Invitation.find(still_open({"application_id": application_id}))
        .sort("email")
        .to_list()
    )


async def revoke_invitation(
    scope: Scope, application_id: ObjectId, invitation_id: ObjectId
) -> None:
    """Take an invitation back: its link opens nothing any more.

    Raises:
        NotFound: there is no such application or open invitation.
        NotAllowed: the caller is no admin.
        Conflict: somebody is using it at this moment.
    """
    await get_administered(scope, application_id)
    which = {"_id": invitation_id, "application_id": application_id}
    invitation = await Invitation.find_first(still_open(which))
    if invitation is None:
        raise NotFound("invitation", str(invitation_id))
    if not await _end(which):
        raise Conflict("Somebody is using this invitation at this moment; look again.")
    await record(scope, "invitation.revoke", invitation)


async def read_invitation(token: SecretStr) -> Offer:
    """Return what a link offers to whoever holds it.

    Raises:
        Invalid: it is unknown, used, taken back or too old; the message says which.
    """
    invitation = await get_open(token)
    application = await Application.find_first({"_id": invitation.application_id})
    user = await User.find_first({"email": invitation.email})
    name = application.name if application else ""
    return Offer(invitation.email, invitation.role, name, has_account=user is not None)


async def get_open(token: SecretStr) -> Invitation:
    """Return the invitation of a link.

    Raises:
        Invalid: it is unknown, used, taken back or too old; the message says which.
    """
    found = await Invitation.find_first({"token_digest": digest_of(token.get_secret_value())})
    if found is None:
        raise _refused("is not known", "Open the link exactly as it was given to you.")
    if found.accepted_at is not None:
        raise _refused("was used before", "Sign in with the address it was for.")
    if found.revoked_at is not None:
        raise _refused("was taken back or replaced by a newer one", _ASK)
    if found.expires_at <= clock.now():
        raise _refused("has expired", _ASK)
    return found


def _refused(what: str, remedy: str) -> Invalid:
    return Invalid(f"This invitation {what}.", field="invitation", remedy=remedy)


async def record(scope: Scope, action: str, invitation: Invitation) -> None:
    """Record what somebody did with an invitation."""
    await audit.record(
        scope,
        action,
        f"application:{invitation.application_id}",
        application_id=invitation.application_id,
        after={"email": invitation.email, "role": invitation.role},
    )
