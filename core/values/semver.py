"""Own version numbers: strict SemVer cores `MAJOR.MINOR.PATCH`, compared by number."""

import re
from typing import NamedTuple, Self

from core.errors import BadSelector, Invalid
from prompthub.wire.literals import Bump

# Source: https://semver.org 2.0.0, rule 2; ASCII digits only, nine digits bound each part.
_NUMBER = re.compile(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})")
LABEL = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


class SemVer(NamedTuple):
    """One version number; tuples compare as SemVer does."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `1.2.3`.

        Raises:
            Invalid: the text is anything else.
        """
        match = _NUMBER.fullmatch(text)
        if match is None:
            raise Invalid(
                "The version is not three numbers joined by dots.",
                field="version",
                remedy="Write it like 1.2.0.",
            )
        return cls(*(int(part) for part in match.groups()))

    def bumped(self, bump: Bump) -> "SemVer":
        """Return the next number of the given kind."""
        match bump:
            case "major":
                return SemVer(self.major + 1, 0, 0)
            case "minor":
                return SemVer(self.major, self.minor + 1, 0)
            case "patch":
                return SemVer(self.major, self.minor, self.patch + 1)

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


FIRST = SemVer(1, 0, 0)


class Selector(NamedTuple):
    """How a caller names a version: exactly one of the three is set."""

    number: SemVer | None
    label: str | None
    is_latest: bool

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `1.2.0`, `latest` or `label:NAME`.

        Raises:
            BadSelector: the text is none of them.
        """
        if text == "latest":
            return cls(None, None, is_latest=True)
        if text.startswith("label:") and LABEL.fullmatch(text[6:]):
            return cls(None, text[6:], is_latest=False)
        try:
            return cls(SemVer.parse(text), None, is_latest=False)
        except Invalid:
            raise BadSelector(text) from None
