"""Own random credentials: cookies, refresh tokens and API keys, of which only digests are kept."""

import hashlib
import secrets
from typing import Final, NamedTuple

from pydantic import SecretStr

# 256 bits, which base64url writes in 43 characters.
RANDOM_BYTES: Final = 32


class Credential(NamedTuple):
    """A secret to hand out once, and the SHA-256 digest to keep (64 hexadecimal digits)."""

    secret: SecretStr
    digest: str


def new_credential(prefix: str = "") -> Credential:
    """Return a new random credential that begins with `prefix`."""
    secret = prefix + secrets.token_urlsafe(RANDOM_BYTES)
    return Credential(SecretStr(secret), digest_of(secret))


def digest_of(secret: str) -> str:
    """Return the digest to look a credential up by.

    A quick hash is enough, as nobody can guess 256 random bits. Text that is no UTF-8 has a
    digest too and matches nothing.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
