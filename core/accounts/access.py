"""Own access: from a user or an API key to the `Scope` that every verb of core takes."""

import hmac
import re
from datetime import timedelta
from typing import Final, NamedTuple

from bson import ObjectId

from core import clock
from core.accounts.credentials import digest_of
from core.documents import Application, User
from core.errors import NotAuthenticated
from core.leases import Leases, outlast
from core.values.scope import Scope
from prompthub.wire.literals import Role

KEY_PREFIX: Final = "ph_"
_KEY: Final = re.compile(KEY_PREFIX + r"[A-Za-z0-9_-]{43}")
# A finer time of last use is not worth a write for each call.
TOUCH_EVERY: Final = timedelta(minutes=1)
MAX_LEASED: Final = 1_000


def acting(user: User) -> Scope:
    """Return the scope of what a user does to the own account; it sees no application."""
    return Scope(kind="user", user_id=user.key, actor=f"user:{user.email}")


async def scope_of_user(user: User, *, request_id: str = "") -> Scope:
    """Return what a signed-in user sees: owned applications as admin, others by membership.

    Applications out of service are included, as they stay readable.
    """
    roles: dict[ObjectId, Role] = {}
    mine = {"$or": [{"owner_id": user.key}, {"members.user_id": user.key}]}
    async for application in Application.find(mine):
        roles[application.key] = _role(application, user.key)
    return Scope(
        kind="user",
        user_id=user.key,
        is_superuser=user.is_superuser,
        roles=roles,
        actor=f"user:{user.email}",
        request_id=request_id,
    )


def _role(application: Application, user_id: ObjectId) -> Role:
    if application.owner_id == user_id:
        return "admin"
    return next(member.role for member in application.members if member.user_id == user_id)


class Opened(NamedTuple):
    """What an application's key opens, and the application."""

    scope: Scope
    application: Application


# By digest. A verb that takes a key out of service calls `forget_key`.
_LEASED: Final = Leases[str, Opened](room=MAX_LEASED)


def find_leased_scope(api_key: str) -> Opened | None:
    """Return what `leased_scope_of_key` does when it need not read, else None.

    Raises:
        NotAuthenticated: it is not written as a key.
    """
    return _LEASED.find(_digest(api_key))


async def leased_scope_of_key(api_key: str) -> Opened:
    """Return the same as `scope_of_key`, read at most `core.leases.VALID_SECONDS` ago.

    Raises:
        NotAuthenticated: there is no such key, or its application is out of service.
    """
    digest = _digest(api_key)
    return await _LEASED.get(digest, lambda: _open(digest))


async def forget_key(digest: str) -> None:
    """Return when no process takes the key any more; call it after the write that revokes it."""
    _LEASED.forget(digest)
    await outlast()


async def scope_of_key(api_key: str) -> Opened:
    """Return what an application's key opens, and the application; `Scope` says which verbs.

    Raises:
        NotAuthenticated: there is no such key, or its application is out of service.
    """
    return await _open(_digest(api_key))


def _digest(api_key: str) -> str:
    if _KEY.fullmatch(api_key) is None:
        raise _refused()
    return digest_of(api_key)


def _refused() -> NotAuthenticated:
    return NotAuthenticated("The API key is not valid, or its application is not active.")


async def _open(digest: str) -> Opened:
    application = await Application.find_first({"api_key_hash": digest, "is_active": True})
    if application is None or not hmac.compare_digest(application.api_key_hash, digest):
        raise _refused()
    await _touch(application)
    scope = Scope(
        kind="application",
        roles={application.key: "viewer"},
        actor=f"application:{application.key}",
    )
    return Opened(scope, application)


async def _touch(application: Application) -> None:
    moment = clock.now()
    used_at = application.api_key_last_used_at
    if used_at is not None and moment - used_at < TOUCH_EVERY:
        return
    # Guarded by the old time, so that of many calls in one moment a single one writes.
    await Application.collection().update_one(
        {"_id": application.key, "api_key_last_used_at": used_at},
        {"$set": {"api_key_last_used_at": moment}},
    )
