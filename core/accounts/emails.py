"""Own e-mail addresses as account names: valid, without display name, in one spelling."""

import unicodedata
from typing import Final

import email_validator

from core.errors import Invalid

# Longer than any valid address, so that the validator never sees megabytes.
# Source: RFC 5321, section 4.5.3.1 (64 + 1 + 255).
MAX_CHARACTERS: Final = 320


def normalise_email(email: str) -> str:
    """Return the one spelling an address is stored and looked up in: NFC, lower case.

    No name server is asked. Domains below .test pass, as tests and trials use them.

    Raises:
        Invalid: it is no e-mail address.
    """
    # Blanks around it come from copying; control characters come from attacks and are refused.
    trimmed = email.strip(" ")
    try:
        if len(trimmed) > MAX_CHARACTERS:
            raise email_validator.EmailSyntaxError
        checked = email_validator.validate_email(
            trimmed, check_deliverability=False, test_environment=True
        )
    except (email_validator.EmailNotValidError, UnicodeError):
        raise Invalid(
            "This is no e-mail address.",
            field="email",
            remedy="Write it like name@example.org.",
        ) from None
    return unicodedata.normalize("NFC", checked.normalized.lower())
