"""Own people's accounts: the first one, registration, changes by superusers."""

import hmac
import re
from typing import Annotated, Any, NamedTuple

from bson import ObjectId
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pymongo.errors import DuplicateKeyError

from core import audit
from core.accounts import acceptance
from core.accounts.access import acting
from core.accounts.applications import open_first_application
from core.accounts.emails import normalise_email
from core.accounts.passwords import HASHER, PasswordHasher, check_password
from core.accounts.superusers import step_down
from core.accounts.throttle import SignInThrottle
from core.documents import Application, User
from core.errors import AlreadyExists, Conflict, NotAllowed, NotFound
from core.settings import AccountSettings
from core.values.body import Text
from core.values.line import Line
from core.values.scope import Scope

FullName = Annotated[Line, Field(max_length=200)]


class NewUser(BaseModel):
    """What an account starts with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    email: str
    password: SecretStr
    full_name: FullName = ""


class UserChanges(BaseModel):
    """Changes to an account; what is None stays as it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    full_name: FullName | None = None
    is_active: bool | None = None
    is_superuser: bool | None = None


class UserQuery(BaseModel):
    """What a list of users is narrowed by: text that occurs in the address or the name, rights."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Annotated[Text, Field(max_length=200)] = ""
    is_active: bool | None = None
    is_superuser: bool | None = None


class UserPage(NamedTuple):
    """Users by address, and how many match in all."""

    items: list[User]
    total: int


async def has_users() -> bool:
    """Return whether anybody has an account yet."""
    return await User.find_one({}) is not None


async def register(
    new: NewUser,
    *,
    accounts: AccountSettings,
    setup_token: str | None,
    needs_setup_token: SecretStr | None,
    throttle: SignInThrottle,
    address: str,
    invitation: SecretStr | None = None,
    hasher: PasswordHasher = HASHER,
) -> User:
    """Open an account for somebody who asks for it; the first one is the superuser.

    `invitation` is the token of a link: its address may register where registration is closed, and
    becomes a member. `address` is the network's.

    Of many at once one is the first: its one insert carries the claim too (`is_founder`, unique).

    Raises:
        Invalid: the address or the password breaks a rule, or the invitation is not open to it.
        AlreadyExists: the address has an account.
        NotAllowed: registration is closed, or the set-up token is missing or wrong.
        RateLimited: too many accounts were asked for from this network address.
    """
    await throttle.count_registration(address)
    if invitation is not None:
        return await _register_invited(new, invitation, hasher)
    if await has_users():
        _require_open(accounts)
    else:
        _require_setup_token(setup_token, needs_setup_token)
    user = await _prepare(new, hasher)
    if not await has_users() and await _insert_founder(user):
        await _record_registration(user)
        await open_first_application(user)
        return user
    _require_open(accounts)
    await _insert(user)
    await _record_registration(user)
    return user


async def _record_registration(user: User) -> None:
    await audit.record(acting(user), "user.register", f"user:{user.key}")


async def _register_invited(new: NewUser, token: SecretStr, hasher: PasswordHasher) -> User:
    email = normalise_email(new.email)
    await acceptance.require_open(token, email)  # before a hash is computed for nothing
    user = await _prepare(new, hasher)
    claimed = await acceptance.claim(token, user)
    try:
        await _insert(user)
    except AlreadyExists:
        await acceptance.release(claimed)
        raise
    await _record_registration(user)
    await acceptance.complete(claimed, user)
    return user


def _require_open(accounts: AccountSettings) -> None:
    if accounts.registration == "closed":
        raise NotAllowed("Registration is closed; ask a superuser for an account.")


def _require_setup_token(given: str | None, needed: SecretStr | None) -> None:
    if needed is None:
        return
    offered = (given or "").strip().encode("utf-8", "surrogatepass")
    if not hmac.compare_digest(offered, needed.get_secret_value().encode()):
        raise NotAllowed("The first account needs the set-up token printed on the console.")


async def _prepare(new: NewUser, hasher: PasswordHasher) -> User:
    email, password = normalise_email(new.email), new.password.get_secret_value()
    check_password(password, personal=personal(email, new.full_name))
    return User(email=email, password_hash=await hasher.hash(password), full_name=new.full_name)


def personal(email: str, full_name: str) -> tuple[str, ...]:
    """Return what somebody who knows a person would try as the password first."""
    return email, email.partition("@")[0], full_name


async def _insert_founder(user: User) -> bool:
    """Insert as the first account; False when somebody else was quicker."""
    user.is_founder = user.is_superuser = True
    try:
        await user.insert()
    except DuplicateKeyError as error:
        if "is_founder" not in (error.details or {}).get("keyPattern", {}):
            raise AlreadyExists("account", user.email) from None
        user.is_founder = user.is_superuser = False
        return False
    return True


async def _insert(user: User) -> None:
    try:
        await user.insert()
    except DuplicateKeyError:
        raise AlreadyExists("account", user.email) from None


async def repair_first_application() -> bool:
    """Open the first application if a crash came between the first account and it."""
    if await Application.find_one({}) is not None:
        return False
    founder = await User.find_one({"is_founder": True})
    if founder is not None:
        await open_first_application(founder)
    return founder is not None


async def create_user(
    scope: Scope, new: NewUser, *, is_superuser: bool = False, hasher: PasswordHasher = HASHER
) -> User:
    """Open an account for somebody else, also where registration is closed.

    The first account becomes superuser and gets the first application here too.

    Raises:
        NotAllowed: the caller is no superuser.
        Invalid: the address or the password breaks a rule.
        AlreadyExists: the address has an account.
    """
    scope.require_superuser()
    user = await _prepare(new, hasher)
    if not await has_users() and await _insert_founder(user):
        await open_first_application(user)
    else:
        user.is_superuser = is_superuser
        await _insert(user)
    facts = {"email": user.email, "is_superuser": user.is_superuser}
    await audit.record(scope, "user.create", f"user:{user.key}", after=facts)
    return user


async def get_user(scope: Scope, user_id: ObjectId) -> User:
    """Return an account to its owner or a superuser.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    user = await User.get(user_id)
    if user is None or not (scope.sees_everything or scope.user_id == user_id):
        raise NotFound("user", str(user_id))
    return user


async def list_users(scope: Scope, query: UserQuery, *, skip: int, limit: int) -> UserPage:
    """Return a page of all accounts.

    Raises:
        NotAllowed: the caller is no superuser.
    """
    scope.require_superuser()
    occurs = {"$regex": re.escape(query.text), "$options": "i"}
    matching: dict[str, Any] = {}
    if query.text:
        matching["$or"] = [{"email": occurs}, {"full_name": occurs}]
    matching |= query.model_dump(include={"is_active", "is_superuser"}, exclude_none=True)
    items = await User.find(matching).sort("email").skip(skip).limit(limit).to_list()
    return UserPage(items, await User.find(matching).count())


async def update_user(scope: Scope, user_id: ObjectId, changes: UserChanges) -> User:
    """Store the changes and return the account; people may change their own name only.

    Deactivation ends all sessions of the account by the same write.

    Raises:
        NotFound: there is no such account, or it is somebody else's.
        NotAllowed: the caller is no superuser and asks for more than a name.
        Conflict: no active superuser would remain, or the account was changed meanwhile.
    """
    user = await get_user(scope, user_id)
    fields = changes.model_dump(exclude_none=True)
    if fields.keys() - {"full_name"}:
        scope.require_superuser()
    before = {name: getattr(user, name) for name in fields}
    if before == fields:
        return user
    after = await _change(user, fields)
    await audit.record(scope, "user.update", f"user:{user_id}", before=before, after=fields)
    return after


async def _change(user: User, fields: dict[str, Any]) -> User:
    if fields.get("is_active") is False:
        fields = {**fields, "session_epoch": user.session_epoch + 1}
    stays_superuser = fields.get("is_active", True) and fields.get("is_superuser", True)
    if user.is_active and user.is_superuser and not stays_superuser:
        return await step_down(user, fields)
    rights = ("is_active", "is_superuser", "session_epoch")
    old = {"_id": user.key, **{name: getattr(user, name) for name in rights}}
    after = await User.change_one(old, fields)
    if after is None:
        raise Conflict("The user was changed by somebody else meanwhile; look again.")
    return after
