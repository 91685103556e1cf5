"""Own the use of an invitation, by an account that is being opened or by one that exists.

It has three steps, so that a crash loses nothing and two users of a link get in once:

1. a claim, one compare-and-set for a minute, by the id that the account is going to have;
2. the insert of the account, which its unique address lets happen once;
3. membership, and then the mark that the invitation is used.

A process that dies between them leaves a claim that ends; `repair_invitations` completes it where
the account exists and takes it back where not.
"""

from datetime import timedelta
from typing import Any, Final

from pydantic import SecretStr
from pymongo import ReturnDocument

from core import clock
from core.accounts.access import acting
from core.accounts.credentials import digest_of
from core.accounts.invitations import get_open, record, still_open, unclaimed
from core.accounts.members import admit
from core.documents import Invitation, User
from core.errors import Conflict, Invalid

CLAIM: Final = timedelta(minutes=1)


async def require_open(token: SecretStr, email: str) -> Invitation:
    """Return the invitation if it is open to this address, which is in its one spelling.

    Raises:
        Invalid: it is not open, or is for another address.
    """
    invitation = await get_open(token)
    if invitation.email != email:
        raise Invalid(
            "This invitation is for another address.",
            field="email",
            remedy="Use the address that was invited.",
        )
    return invitation


async def claim(token: SecretStr, user: User) -> Invitation:
    """Keep an invitation for a minute for an account that exists or is about to.

    Raises:
        Invalid: it is not open, or is for another address.
        Conflict: somebody else is using it at this moment.
    """
    invitation = await require_open(token, user.email)
    claimed = await _change(
        still_open({"_id": invitation.key, **unclaimed()}),
        {"claimed_by": user.key, "claimed_until": clock.now() + CLAIM},
    )
    if claimed is None:
        await get_open(token)  # says so if it was used or taken back meanwhile
        raise Conflict("This invitation is being used at this moment; try again in a minute.")
    return claimed


async def _change(old: dict[str, Any], fields: dict[str, Any]) -> Invitation | None:
    after = await Invitation.collection().find_one_and_update(
        old, {"$set": fields}, return_document=ReturnDocument.AFTER
    )
    return None if after is None else Invitation.model_validate(after)


async def release(claimed: Invitation) -> None:
    """Take a claim back, as the account it was for does not come to be."""
    await _change(_held(claimed), {"claimed_by": None, "claimed_until": None})


def _held(claimed: Invitation) -> dict[str, Any]:
    return {
        "_id": claimed.key,
        "claimed_by": claimed.claimed_by,
        "accepted_at": None,
        "revoked_at": None,
    }


async def complete(claimed: Invitation, user: User) -> None:
    """Make the account a member and the invitation used; repeating it changes nothing.

    A role that the account was given meanwhile stays. Where the application is full by now, the
    invitation ends without a membership.
    """
    held = await _change(_held(claimed), {"claimed_until": clock.now() + CLAIM})
    if held is None:
        return
    try:
        await admit(held.application_id, user.key, held.role)
    except Conflict:
        await _change(_held(held), {"revoked_at": clock.now(), "claimed_until": None})
        return
    done = {"accepted_at": clock.now(), "claimed_until": None}
    if await _change(_held(held), done) is not None:
        await record(acting(user), "invitation.accept", held)


async def accept_invitation(user: User, token: SecretStr) -> None:
    """Use an invitation with an account that exists; one that it has used already changes nothing.

    Raises:
        Invalid: it is not open, or is for another address.
        Conflict: it is being used at this moment.
    """
    if not await _has_used(user, token):
        await complete(await claim(token, user), user)


async def _has_used(user: User, token: SecretStr) -> bool:
    used = {"token_digest": digest_of(token.get_secret_value()), "claimed_by": user.key}
    return await Invitation.find_first({**used, "accepted_at": {"$ne": None}}) is not None


async def repair_invitations() -> int:
    """Complete or release what processes that died had claimed; return how many."""
    left = Invitation.find(
        {"claimed_until": {"$lte": clock.now()}, "accepted_at": None, "revoked_at": None}
    )
    repaired = 0
    async for claimed in left:
        user = await User.find_first({"_id": claimed.claimed_by})
        if user is None:
            await release(claimed)
        else:
            await complete(claimed, user)
        repaired += 1
    return repaired
