"""Own e-mail addresses as account names: valid, without display name, in one spelling."""

import unicodedata
from typing import Final

import email_validator

from core.errors import Invalid

# Longer than any valid address, so that the validator never sees megabytes.
# Source: RFC 5321, section 4.5.3.1 (64 + 1 + 255).
MAX_CHARACTERS: Final = 320
# Domains of networks that are nobody else's, which the validator refuses as not deliverable.
# Source: RFC 6762, section 3, and RFC 8375.
INTERNAL: Final = (".local", ".home.arpa")
_STAND_IN: Final = ".test"


def normalise_email(email: str) -> str:
    """Return the one spelling an address is stored and looked up in: NFC, lower case.

    No name server is asked. Domains below .test pass, as tests and trials use them, and those of
    internal networks: below .local and .home.arpa (.internal, .lan and .corp are like any other).

    Raises:
        Invalid: it is no e-mail address.
    """
    # Blanks around it come from copying; control characters come from attacks and are refused.
    trimmed = email.strip(" ")
    try:
        if len(trimmed) > MAX_CHARACTERS:
            raise email_validator.EmailSyntaxError
        plain, internal = _stand_in(trimmed)
        checked = email_validator.validate_email(
            plain, check_deliverability=False, test_environment=True
        )
    except (email_validator.EmailNotValidError, UnicodeError):
        raise Invalid(
            "This is no email address.",
            field="email",
            remedy="It has a name, an @ and a domain.",
        ) from None
    spelt = unicodedata.normalize("NFC", checked.normalized.lower())
    return spelt.removesuffix(_STAND_IN) + internal if internal else spelt


def _stand_in(address: str) -> tuple[str, str]:
    """Return what the validator may see in place of an internal domain, and that domain's end."""
    for end in INTERNAL:
        if address.lower().endswith(end):
            return address[: -len(end)] + _STAND_IN, end
    return address, ""
