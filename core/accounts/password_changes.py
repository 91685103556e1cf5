"""Own changes of a password: by its owner, and by a superuser for somebody else."""

from typing import Any

from bson import ObjectId
from pydantic import SecretStr
from pymongo import ReturnDocument

from core import audit
from core.accounts.access import acting
from core.accounts.passwords import HASHER, PasswordHasher, check_password
from core.accounts.throttle import SignInThrottle
from core.accounts.users import get_user, personal
from core.documents import User, changed
from core.errors import NotAuthenticated, NotFound
from core.values.scope import Scope


async def change_password(
    user: User,
    old: SecretStr,
    new: SecretStr,
    *,
    throttle: SignInThrottle,
    hasher: PasswordHasher = HASHER,
) -> User:
    """Change the own password and end all own sessions, the present one included.

    Raises:
        NotAuthenticated: the old password is wrong, or was changed meanwhile.
        Invalid: the new password breaks a rule.
        RateLimited: it was tried too often in the last 15 minutes.
    """
    await throttle.count_password_change(str(user.key))
    if not await hasher.verify(old.get_secret_value(), user.password_hash):
        raise NotAuthenticated("The present password is wrong.")
    present = {"_id": user.key, "password_hash": user.password_hash, "is_active": True}
    after = await _replace_password(user, present, new, hasher)
    if after is None:
        raise NotAuthenticated("The password was changed meanwhile; sign in again.")
    await audit.record(acting(user), "user.change_password", f"user:{user.key}")
    return after


async def reset_password(
    scope: Scope, user_id: ObjectId, new: SecretStr, *, hasher: PasswordHasher = HASHER
) -> User:
    """Give an account another password and end all its sessions.

    Raises:
        NotAllowed: the caller is no superuser.
        NotFound: there is no such account.
        Invalid: the password breaks a rule.
    """
    scope.require_superuser()
    user = await get_user(scope, user_id)
    after = await _replace_password(user, {"_id": user_id}, new, hasher)
    if after is None:
        raise NotFound("user", str(user_id))
    await audit.record(scope, "user.reset_password", f"user:{user_id}")
    return after


async def _replace_password(
    user: User, old: dict[str, Any], new: SecretStr, hasher: PasswordHasher
) -> User | None:
    """Store the new hash and end all sessions in one write; None when `old` has changed."""
    password = new.get_secret_value()
    check_password(password, personal=personal(user.email, user.full_name))
    update = changed(password_hash=await hasher.hash(password))
    update["$inc"]["session_epoch"] = 1
    after = await User.collection().find_one_and_update(
        old, update, return_document=ReturnDocument.AFTER
    )
    return None if after is None else User.model_validate(after)
