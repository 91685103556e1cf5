"""Own finding secrets and personal data by their form and, where there is one, their checksum."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from core.guardrails.base import CheckedInput, Score
from core.guardrails.evidence import Sign, weigh
from core.guardrails.fold import normal

# Fewer different characters than this is a placeholder such as sk-xxxxxxxx.
_FEWEST_DIFFERENT: Final = 8
# Source: the vendors' documentation of their key formats; JWT: RFC 7519; PEM: RFC 7468.
_SECRETS: Final = (
    Sign.of("a private key", 1.0, r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    Sign.of("an AWS access key", 0.95, r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    Sign.of(
        "a GitHub token", 0.95, r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})"
    ),
    Sign.of("a GitLab token", 0.95, r"\bglpat-[A-Za-z0-9_-]{20,}"),
    Sign.of("a model provider's key", 0.95, r"\bsk-(?:[a-z0-9]+-)*[A-Za-z0-9_-]{20,}"),
    Sign.of("a Google API key", 0.95, r"\bAIza[A-Za-z0-9_-]{35}"),
    Sign.of("a Slack token", 0.95, r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
    Sign.of("a Stripe key", 0.95, r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    Sign.of("a Hugging Face token", 0.95, r"\bhf_[A-Za-z0-9]{30,}"),
    Sign.of("an npm or PyPI token", 0.95, r"\b(?:npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,})"),
    Sign.of("a PromptHub API key", 0.95, r"\bph_[A-Za-z0-9_-]{43}"),
    Sign.of(
        "a JSON Web Token", 0.9, r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"
    ),
    Sign.of("an address with a password", 0.9, r"\b[a-z][a-z0-9+.-]*://[^\s/:@]*:[^\s/@]{3,}@"),
    Sign.of(
        "a password or key by its name",
        0.6,
        r"(?i)\b(?:password|passwd|passwort|pwd|secret|api[_-]?key|access[_-]?token|auth[_-]?token)"
        r"[\"']? ?[:=] ?[\"']?[^\s\"',;]{6,}",
    ),
)
_SEPARATORS: Final = re.compile(r"[ .\-/()]")


def has_valid_iban(candidate: str) -> bool:
    """Whether the two check digits fit: rearranged and read in base 36, the rest by 97 is 1.

    Source: ISO 13616 and ISO 7064 (MOD 97-10); shortest and longest from the IBAN registry.
    """
    iban = _SEPARATORS.sub("", candidate).upper()
    if not 15 <= len(iban) <= 34:  # noqa: PLR2004 -- the registry's shortest and longest
        return False
    digits = "".join(str(int(char, 36)) for char in iban[4:] + iban[:4])
    return int(digits) % 97 == 1


def has_valid_card_number(candidate: str) -> bool:
    """Whether it is as long as a card number, begins as one, and its last digit fits.

    Source: ISO/IEC 7812-1, annex B (Luhn).
    """
    digits = [int(char) for char in candidate if char.isdigit()]
    if not 13 <= len(digits) <= 19 or digits[0] not in {2, 3, 4, 5, 6}:  # noqa: PLR2004 -- ISO 7812
        return False
    doubled = [digit * 2 for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(n - 9 if n > 9 else n for n in doubled)) % 10 == 0  # noqa: PLR2004 -- as above


def _has_phone_length(candidate: str) -> bool:
    """Whether the digits can be a number. Source: ITU-T E.164, at most 15 digits."""
    return 8 <= sum(char.isdigit() for char in candidate) <= 15  # noqa: PLR2004 -- as in E.164


def _is_any(_candidate: str) -> bool:
    return True


_PERSONAL: Final[tuple[tuple[Sign, Callable[[str], bool]], ...]] = (
    (
        Sign.of(
            "an e-mail address",
            0.9,
            r"[\pL\pN._%+-]+@(?:[\pL\pN-]+\.)+\pL\pL+",
        ),
        _is_any,
    ),
    (
        Sign.of(
            "an IBAN", 1.0, r"(?i)\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?\b"
        ),
        has_valid_iban,
    ),
    (Sign.of("a card number", 1.0, r"\b\d(?:[ -]?\d){12,18}\b"), has_valid_card_number),
    (
        Sign.of("a phone number", 0.85, r"\+[1-9](?:[ ./()-]{0,2}\d){6,14}\b"),
        _has_phone_length,
    ),
    (
        Sign.of(
            "what may be a phone number",
            0.5,
            r"(?:\b0|\(0?)\d{1,4}[)]?[ ./-]{1,2}\d{2,5}(?:[ .-]?\d{1,5}){1,4}\b",
        ),
        _has_phone_length,
    ),
    (
        Sign.of("a US phone number", 0.85, r"\(?\b[2-9]\d{2}\)?[ .-][2-9]\d{2}[ .-]\d{4}\b"),
        _is_any,
    ),
    (
        # Source: US Social Security Administration: no area 000, 666 or 9xx.
        Sign.of(
            "a US social security number",
            0.85,
            r"\b(?:00[1-9]|0[1-9]\d|[1-5]\d{2}|6[0-57-9]\d|66[0-57-9]|7\d{2}|8\d{2})-\d{2}-\d{4}\b",
        ),
        _is_any,
    ),
)


class _Alone:
    """A check that takes no argument."""

    name: str

    def check_argument(self, argument: str | None) -> None:
        """Pass when nothing follows the name.

        Raises:
            ValueError: something does.
        """
        if argument is not None:
            msg = f"Write {self.name} alone."
            raise ValueError(msg)


class Secrets(_Alone):
    """Find keys and tokens of known forms in what the caller gave and in all that would be sent."""

    name = "secrets"

    def score(self, text: CheckedInput, argument: str | None) -> Score:
        """Return how sure it is that a secret would be sent."""
        del argument
        return weigh(dict(_find_secrets(normal(f"{text.given}\n{text.sent}"))))


class PersonalData(_Alone):
    """Find personal data of known forms in what the caller gave."""

    name = "personal_data"

    def score(self, text: CheckedInput, argument: str | None) -> Score:
        """Return how sure it is that personal data is among what the caller gave."""
        del argument
        return weigh(dict(_find_personal(normal(text.given))))


def _find_secrets(text: str) -> Iterator[tuple[str, float]]:
    for sign in _SECRETS:
        for match in sign.pattern.finditer(text):
            if len(set(match.group())) >= _FEWEST_DIFFERENT:
                yield sign.kind, sign.weight
                break


def _find_personal(text: str) -> Iterator[tuple[str, float]]:
    for sign, is_valid in _PERSONAL:
        if any(is_valid(match.group()) for match in sign.pattern.finditer(text)):
            yield sign.kind, sign.weight
