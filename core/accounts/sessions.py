"""Own sign-ins: from e-mail and password to a session, its cookie and its refresh tokens."""

from datetime import timedelta
from typing import Any, Final, NamedTuple

from bson import ObjectId
from pydantic import SecretStr
from pymongo import ReturnDocument

from core import audit, clock
from core.accounts.access import acting
from core.accounts.credentials import digest_of, new_credential
from core.accounts.emails import normalise_email
from core.accounts.passwords import HASHER, PasswordHasher
from core.accounts.throttle import SignInThrottle
from core.accounts.tokens import Claims
from core.documents import Session, User
from core.errors import Invalid, NotAuthenticated, NotFound

# A finer time of last use is not worth a write for each page run.
TOUCH_EVERY: Final = timedelta(minutes=1)
MAX_USER_AGENT: Final = 300


class Opened(NamedTuple):
    """A session with the secrets that are handed out once."""

    session: Session
    cookie: SecretStr
    refresh: SecretStr


class Refreshed(NamedTuple):
    """A session whose refresh token was exchanged for the next one."""

    user: User
    session: Session
    refresh: SecretStr


class SignedIn(NamedTuple):
    """Who stands behind a live session."""

    user: User
    session: Session


async def authenticate(
    email: str,
    password: str,
    *,
    address: str,
    throttle: SignInThrottle,
    hasher: PasswordHasher = HASHER,
) -> User:
    """Return the active user of an e-mail address and password.

    Every refusal reads and takes the same, whether the account exists or not.

    Raises:
        NotAuthenticated: they do not fit, or the account is not active.
        RateLimited: the account or the network address failed too often.
    """
    account = _account_name(email)
    await throttle.check(account, address)
    user = await User.find_one({"email": account})
    matches = await hasher.verify(password, user.password_hash if user else None)
    # Again, because many guesses may have passed the first check side by side.
    await throttle.check(account, address)
    if user is None or not matches or not user.is_active:
        await throttle.record_failure(account, address)
        raise NotAuthenticated("The email address or the password is wrong.")
    return user


def _account_name(email: str) -> str:
    try:
        return normalise_email(email)
    except Invalid:
        # Nobody's name: no address is stored without an @.
        return "not an address"


async def start_session(user: User, *, user_agent: str, days: int) -> Opened:
    """Open a session for a user who was just authenticated; it ends `days` after its last use."""
    cookie, refresh = new_credential(), new_credential()
    # Known to holders of the session's refresh tokens only: who names the family with another
    # secret than the present one has held an earlier token.
    family = new_credential()
    moment = clock.now()
    session = Session(
        user_id=user.key,
        user_epoch=user.session_epoch,
        idle_days=days,
        family_id=family.digest,
        cookie_digest=cookie.digest,
        refresh_digest=refresh.digest,
        expires_at=moment + timedelta(days=days),
        last_seen_at=moment,
        user_agent=user_agent.encode("utf-8", "replace").decode()[:MAX_USER_AGENT],
    )
    await session.insert()
    await audit.record(acting(user), "session.start", f"user:{user.key}")
    return Opened(session, cookie.secret, _refresh_token(family.secret, refresh.secret))


def _refresh_token(family: SecretStr, secret: SecretStr) -> SecretStr:
    return SecretStr(f"{family.get_secret_value()}.{secret.get_secret_value()}")


async def refresh_session(token: str) -> Refreshed:
    """Exchange a refresh token for the next one; each works once.

    A used token that comes back was stolen from one side or the other, so its session ends.
    Source: RFC 9700, section 4.14.2.

    Raises:
        NotAuthenticated: the token is unknown or used, or its session has ended.
    """
    refused = NotAuthenticated("The refresh token is not valid or was used; sign in again.")
    family, _, secret = token.partition(".")
    found = await _find_alive({"family_id": digest_of(family)})
    if found is None:
        raise refused
    session, following = found.session, new_credential()
    stored = await Session.collection().find_one_and_update(
        {"_id": session.key, "revoked_at": None, "refresh_digest": digest_of(secret)},
        {"$set": {"refresh_digest": following.digest, **_seen(session)}},
        return_document=ReturnDocument.AFTER,
    )
    if stored is None:
        await _revoke({"_id": session.key})
        await audit.record(acting(found.user), "session.reuse", f"user:{found.user.key}")
        raise refused
    refresh = _refresh_token(SecretStr(family), following.secret)
    return Refreshed(found.user, Session.model_validate(stored), refresh)


async def find_session_user(cookie: str) -> SignedIn | None:
    """Return who is signed in with a cookie, as long as session and account are alive."""
    return await _find_seen({"cookie_digest": digest_of(cookie)})


async def find_token_user(claims: Claims) -> SignedIn | None:
    """Return who an access token speaks for, as long as session and account are alive."""
    return await _find_seen({"_id": claims.session_id, "user_id": claims.user_id})


async def _find_seen(which: dict[str, Any]) -> SignedIn | None:
    found = await _find_alive(which)
    if found is not None and clock.now() - found.session.last_seen_at >= TOUCH_EVERY:
        await Session.collection().update_one(
            {"_id": found.session.key, "revoked_at": None}, {"$set": _seen(found.session)}
        )
    return found


async def _find_alive(which: dict[str, Any]) -> SignedIn | None:
    session = await Session.find_one(
        {**which, "revoked_at": None, "expires_at": {"$gt": clock.now()}}
    )
    if session is None:
        return None
    user = await User.find_one(
        {"_id": session.user_id, "is_active": True, "session_epoch": session.user_epoch}
    )
    return None if user is None else SignedIn(user, session)


def _seen(session: Session) -> dict[str, Any]:
    moment = clock.now()
    return {"last_seen_at": moment, "expires_at": moment + timedelta(days=session.idle_days)}


async def list_sessions(user: User) -> list[Session]:
    """Return a user's live sessions, the one used last first."""
    return await Session.find(_alive_of(user)).sort("-last_seen_at", "-_id").to_list()


def _alive_of(user: User) -> dict[str, Any]:
    return {
        "user_id": user.key,
        "user_epoch": user.session_epoch,
        "revoked_at": None,
        "expires_at": {"$gt": clock.now()},
    }


async def end_session(user: User, session_id: ObjectId) -> None:
    """Sign one of a user's sessions out.

    Raises:
        NotFound: the user has no such live session.
    """
    if not await _revoke({**_alive_of(user), "_id": session_id}):
        raise NotFound("session", str(session_id))
    await audit.record(acting(user), "session.end", f"user:{user.key}")


async def end_other_sessions(user: User, kept_id: ObjectId) -> int:
    """Sign a user out everywhere but in one session; return how many sessions ended."""
    ended = await _revoke({**_alive_of(user), "_id": {"$ne": kept_id}})
    if ended:
        await audit.record(
            acting(user), "session.end_others", f"user:{user.key}", after={"ended": ended}
        )
    return ended


async def end_all_sessions(user: User) -> None:
    """Sign a user out everywhere by one write, sessions that are just starting included.

    It ends what there was when `user` was read: a second call with the same changes nothing.
    """
    ended = await User.collection().update_one(
        {"_id": user.key, "session_epoch": user.session_epoch}, {"$inc": {"session_epoch": 1}}
    )
    if ended.modified_count:
        await audit.record(acting(user), "session.end_all", f"user:{user.key}")


async def _revoke(which: dict[str, Any]) -> int:
    """Mark the sessions as ended and return how many."""
    ended = await Session.collection().update_many(which, {"$set": {"revoked_at": clock.now()}})
    return ended.modified_count
