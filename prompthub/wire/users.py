"""Own the shapes of users."""

from pydantic import SecretStr

from prompthub.wire.base import Answer, Id, Moment, Request


class User(Answer):
    """A person with an account."""

    id: Id
    email: str
    full_name: str
    is_active: bool
    is_superuser: bool
    created_at: Moment
    updated_at: Moment


class UserChanges(Request):
    """What a superuser changes about a user; what is absent stays."""

    full_name: str | None = None
    is_active: bool | None = None
    is_superuser: bool | None = None


class PasswordReset(Request):
    """A new password set by a superuser; the user's sessions end."""

    new_password: SecretStr
