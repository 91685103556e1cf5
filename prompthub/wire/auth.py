"""Own the shapes of signing up, signing in and sessions."""

from typing import Literal

from pydantic import SecretStr

from prompthub.wire.base import Answer, Id, Moment, Request


class Registration(Request):
    """A new account; `setup_token` is asked of the first one where the address is not loopback.

    `invitation` is what follows `?invitation=` in a link that somebody was given.
    """

    email: str
    password: SecretStr
    full_name: str = ""
    setup_token: SecretStr | None = None
    invitation: SecretStr | None = None


class InvitationUse(Request):
    """What follows `?invitation=` in a link that the signed-in user was given."""

    invitation: SecretStr


class Login(Request):
    """An e-mail address and its password; the body of a registration serves here too."""

    email: str
    password: SecretStr
    full_name: str = ""


class RefreshRequest(Request):
    """The refresh token of the answer before; it works once."""

    refresh_token: SecretStr


class Tokens(Answer):
    """What later requests are authenticated with; `expires_in` is seconds of the access token."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the kind of token, not one
    expires_in: int


class PasswordChange(Request):
    """The present password and the next one; all sessions end."""

    current_password: SecretStr
    new_password: SecretStr


class ProfileChanges(Request):
    """What users change about themselves."""

    full_name: str | None = None


class SessionInfo(Answer):
    """One sign-in of the user; `is_current` marks the one that asks."""

    id: Id
    user_agent: str
    created_at: Moment
    last_seen_at: Moment
    expires_at: Moment
    is_current: bool
