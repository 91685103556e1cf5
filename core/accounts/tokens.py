"""Own access tokens: short-lived JWTs, signed with HMAC-SHA-256 and nothing else."""

import secrets
from datetime import timedelta
from typing import Any, Final, NamedTuple

from bson import ObjectId
from jose import jwk, jwt
from jose.backends.base import Key
from pydantic import SecretStr

from core import clock
from core.documents import Session, User
from core.errors import NotAuthenticated, NotConfigured

ALGORITHM: Final = "HS256"
# Source: RFC 7518, section 3.2: a key as long as the hash.
MIN_KEY_BYTES: Final = 32
# Ours have less than 400 characters; a longer one is not looked at.
MAX_TOKEN_CHARACTERS: Final = 2048
TYPE: Final = "access"
_REQUIRED: Final = {f"require_{claim}": True for claim in ("exp", "iat", "sub", "jti")}


class Claims(NamedTuple):
    """Who a verified token speaks for; whether that session still lives is asked elsewhere."""

    user_id: ObjectId
    session_id: ObjectId


def issue_access_token(user: User, session: Session, key: SecretStr, minutes: int) -> str:
    """Return a token for the session that ends after so many minutes.

    Raises:
        NotConfigured: the key is shorter than 32 bytes.
    """
    issued_at = clock.now()
    claims: dict[str, Any] = {
        "sub": str(user.key),
        "sid": str(session.key),
        "jti": secrets.token_urlsafe(16),
        "iat": issued_at,
        "exp": issued_at + timedelta(minutes=minutes),
        "typ": TYPE,
    }
    return jwt.encode(claims, _signing_key(key), algorithm=ALGORITHM)


def read_access_token(token: str, key: SecretStr) -> Claims:
    """Return what a token says once its signature, type and times are verified.

    Raises:
        NotAuthenticated: anything about it is wrong.
        NotConfigured: the key is shorter than 32 bytes.
    """
    signing_key = _signing_key(key)
    refused = NotAuthenticated("The access token is not valid or has ended; sign in again.")
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise refused
    try:
        claims: dict[str, Any] = jwt.decode(
            token, signing_key, algorithms=[ALGORITHM], options=_REQUIRED
        )
    except Exception:  # noqa: BLE001 - the decoder also lets OverflowError and others out of hostile claims
        raise refused from None
    ids = (claims["sub"], claims.get("sid"))
    if claims.get("typ") != TYPE or not all(_is_id(value) for value in ids):
        raise refused
    return Claims(ObjectId(claims["sub"]), ObjectId(claims["sid"]))


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and ObjectId.is_valid(value)


def _signing_key(key: SecretStr) -> Key:
    """Return the key as an object, so that the library never reads it as JSON, PEM or a list."""
    octets = key.get_secret_value().encode()
    if len(octets) < MIN_KEY_BYTES:
        raise NotConfigured(
            f"The key that signs access tokens has less than {MIN_KEY_BYTES} bytes.",
            setting="secrets/token-key",
            remedy="Remove the file from the data folder; a new one is made at the next start.",
        )
    return jwk.construct(octets, ALGORITHM)
