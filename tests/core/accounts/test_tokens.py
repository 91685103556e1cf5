"""Access tokens: only ours, only now, only HS256."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from bson import ObjectId
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import SecretStr

from core import clock
from core.accounts.tokens import issue_access_token, read_access_token
from core.documents import Session, User
from core.errors import NotAuthenticated, NotConfigured

pytestmark = pytest.mark.usefixtures("database")

KEY = SecretStr("k" * 43)
NOW = int(clock.now().timestamp())
SOUND: dict[str, Any] = {
    "sub": "0" * 24,
    "sid": "1" * 24,
    "jti": "x",
    "iat": NOW,
    "exp": NOW + 3600,
    "typ": "access",
}


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def forged(
    claims: dict[str, Any] | str = SOUND,
    *,
    header: dict[str, Any] | None = None,
    key: bytes = KEY.get_secret_value().encode(),
) -> str:
    """Sign any claims under any header, as no sound library would."""
    head = encoded(json.dumps({"alg": "HS256", "typ": "JWT", **(header or {})}).encode())
    body = encoded((claims if isinstance(claims, str) else json.dumps(claims)).encode())
    signature = hmac.new(key, f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{encoded(signature)}"


def without(claim: str) -> dict[str, Any]:
    return {name: value for name, value in SOUND.items() if name != claim}


def a_session(user: User) -> Session:
    return Session(
        user_id=user.key, family_id="f", expires_at=clock.now(), last_seen_at=clock.now()
    )


def issued(minutes: int = 15) -> tuple[str, User, Session]:
    user = User(email="ada@example.org", password_hash="")
    session = a_session(user)
    return issue_access_token(user, session, KEY, minutes), user, session


def test_a_token_says_whose_session_it_is() -> None:
    token, user, session = issued()

    claims = read_access_token(token, KEY)

    assert claims == (user.key, session.key)


def test_the_forge_makes_tokens_that_pass_when_sound() -> None:
    assert read_access_token(forged(), KEY).user_id == ObjectId("0" * 24)


def test_an_expired_token_is_refused() -> None:
    token, _, _ = issued(minutes=-1)

    with pytest.raises(NotAuthenticated):
        read_access_token(token, KEY)


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", "RS256", "HS512", None, 5])
def test_another_algorithm_is_refused(alg: object) -> None:
    head, body, signature = forged(header={"alg": alg}).split(".")

    for token in (f"{head}.{body}.{signature}", f"{head}.{body}."):
        with pytest.raises(NotAuthenticated):
            read_access_token(token, KEY)


@pytest.mark.parametrize("claim", ["exp", "iat", "sub", "jti", "typ", "sid"])
def test_a_token_without_a_claim_is_refused(claim: str) -> None:
    with pytest.raises(NotAuthenticated):
        read_access_token(forged(without(claim)), KEY)


@pytest.mark.parametrize(
    "claims",
    [
        {**SOUND, "typ": "refresh"},
        {**SOUND, "sub": "admin"},
        {**SOUND, "sub": 7},
        {**SOUND, "sub": {"$ne": None}},
        {**SOUND, "sid": ["1" * 24]},
        {**SOUND, "exp": "tomorrow"},
        {**SOUND, "exp": float("inf")},
        {**SOUND, "exp": float("nan")},
        {**SOUND, "nbf": NOW + 3600},
        "[]",
        "null",
        "not json",
        "[" * 900,
    ],
)
def test_odd_claims_are_refused(claims: dict[str, Any] | str) -> None:
    with pytest.raises(NotAuthenticated):
        read_access_token(forged(claims), KEY)


def test_a_token_signed_with_a_public_key_is_refused() -> None:
    public = rsa.generate_private_key(65537, 2048).public_key()

    for encoding in (Encoding.DER, Encoding.PEM):
        key = public.public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)
        with pytest.raises(NotAuthenticated):
            read_access_token(forged(key=key), KEY)


@pytest.mark.parametrize("secret", ["", "secret", "password", "changeme", "prompthub", "k" * 42])
def test_a_guessed_key_is_refused(secret: str) -> None:
    with pytest.raises(NotAuthenticated):
        read_access_token(forged(key=secret.encode()), KEY)


@pytest.mark.parametrize(
    "header",
    [
        {"kid": "../../../../dev/null"},
        {"kid": "' OR 1=1"},
        {"kid": {}},
        {"jku": "http://127.0.0.1:9/jwks"},
        {"jwk": {"kty": "oct", "k": "c2VjcmV0"}},
    ],
)
def test_no_header_brings_its_own_key(header: dict[str, Any]) -> None:
    with pytest.raises(NotAuthenticated):
        read_access_token(forged(header=header, key=b"secret"), KEY)


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "x" * 100_000, "\ud800.\ud800.\ud800", "é.é.é", "\x00"]
)
def test_garbage_is_refused(token: str) -> None:
    with pytest.raises(NotAuthenticated):
        read_access_token(token, KEY)


def test_a_changed_token_is_refused() -> None:
    token, _, _ = issued()
    head, body, signature = token.split(".")
    other_body = forged({**SOUND, "sub": "2" * 24}).split(".")[1]

    for changed in (f"{head}.{other_body}.{signature}", token[:-2], f"{head}.{body}"):
        with pytest.raises(NotAuthenticated):
            read_access_token(changed, KEY)


@pytest.mark.parametrize("key", ["", "short", "k" * 31])
def test_a_short_key_signs_and_verifies_nothing(key: str) -> None:
    token, user, session = issued()

    with pytest.raises(NotConfigured):
        read_access_token(token, SecretStr(key))
    with pytest.raises(NotConfigured):
        issue_access_token(user, session, SecretStr(key), 15)


def test_a_key_that_looks_like_something_else_is_just_a_key() -> None:
    user = User(email="ada@example.org", password_hash="")
    for text in ('{"keys": []}' + " " * 30, "1" * 43, "[" * 43):
        key = SecretStr(text)
        token = issue_access_token(user, a_session(user), key, 15)
        assert read_access_token(token, key).user_id == user.key
