"""Valid things to test with: defaults are sound, a test overrides what it is about."""

from typing import Any

from bson import ObjectId

from core.accounts.access import KEY_PREFIX
from core.accounts.credentials import new_credential
from core.accounts.passwords import PasswordHasher
from core.documents import Application, User
from core.values.body import VersionBody
from core.values.scope import Scope
from prompthub.wire.literals import Role

PASSWORD = "correct horse battery"
# The least that Argon2id takes: tests hash hundreds of passwords.
CHEAP = PasswordHasher(time_cost=1, memory_kib=32)


async def a_user(email: str = "ada@example.org", **fields: Any) -> User:
    """A stored user whose password is `PASSWORD`."""
    user = User(email=email, password_hash=await CHEAP.hash(PASSWORD), **fields)
    return await user.insert()


async def an_application(owner: User | ObjectId | None = None, **fields: Any) -> Application:
    """A stored application; without an owner given, some stranger owns it."""
    credential = new_credential(KEY_PREFIX)
    owner_id = owner.key if isinstance(owner, User) else owner or ObjectId()
    stored = {
        "name": "Support desk",
        "owner_id": owner_id,
        "api_key_hash": credential.digest,
        "api_key_prefix": credential.secret.get_secret_value()[:9],
        **fields,
    }
    return await Application.model_validate(stored).insert()


def a_scope(role: Role, application_id: ObjectId, **fields: Any) -> Scope:
    """A person with one role in one application."""
    user_id = ObjectId()
    return Scope(
        kind="user",
        user_id=user_id,
        roles={application_id: role},
        actor=f"user:{role}@example.org",
        **fields,
    )


def a_body(content: str = "Say hello to {{ name }}.", **fields: Any) -> VersionBody:
    """A version's body."""
    return VersionBody.model_validate({"content": content, **fields})
