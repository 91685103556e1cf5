"""Own the rules of robots.txt: which pages of a site a program may fetch.

Source: RFC 9309; `Crawl-delay` is no part of it but widely used.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import quote

MAX_BYTES: Final = 500 * 1024
_SAFE: Final = "%/:=&?~+!$,;'@()*[]-._"
_ESCAPE: Final = re.compile(r"%[0-9a-fA-F]{2}")
_TOKEN: Final = re.compile(r"[A-Za-z_-]+|\*")
_SECONDS: Final = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?")


class Rule(NamedTuple):
    """A pattern of paths, `*` for anything and `$` for the end."""

    pattern: str
    is_allowed: bool


class Rules(NamedTuple):
    """What a site asks of one program."""

    rules: tuple[Rule, ...] = ()
    delay_seconds: float = 0

    def allow(self, path: str) -> bool:
        """Tell whether a path with its query may be fetched: the longest pattern that fits says."""
        asked = _normal(path)
        if asked == "/robots.txt":
            return True
        fitting = [rule for rule in self.rules if _fits(rule.pattern, asked)]
        return not fitting or max((len(rule.pattern), rule.is_allowed) for rule in fitting)[1]


def parse_robots(text: str, product: str) -> Rules:
    """Return the rules for a product; those for everybody where none name it."""
    ours: list[tuple[str, str]] | None = None
    others: list[tuple[str, str]] = []
    agents: set[str] = set()
    is_open = False  # further lines of agents belong to the same group
    for name, value in _lines(text[:MAX_BYTES]):
        if name == "user-agent":
            token = _TOKEN.match(value)
            agents = agents if is_open else set[str]()
            agents.add(token[0].lower() if token else "")
            is_open = True
            if product.lower() in agents:
                ours = ours or []
        elif name in {"allow", "disallow", "crawl-delay"}:
            is_open = False
            if ours is not None and product.lower() in agents:
                ours.append((name, value))
            elif "*" in agents:
                others.append((name, value))
    return _rules(others if ours is None else ours)


def _rules(lines: list[tuple[str, str]]) -> Rules:
    delays = (value for name, value in lines if name == "crawl-delay")
    return Rules(
        tuple(
            Rule(_normal(value), name == "allow")
            for name, value in lines
            if value and name != "crawl-delay"
        ),
        max((float(value) for value in delays if _SECONDS.fullmatch(value)), default=0),
    )


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.removeprefix("\ufeff").splitlines():
        name, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield name.strip().lower(), value.strip()


def _normal(path: str) -> str:
    return _ESCAPE.sub(lambda found: found[0].upper(), quote(path, safe=_SAFE))


def _fits(pattern: str, path: str) -> bool:
    """Compare without going back: whatever the pattern, it takes no longer than its length."""
    is_whole = pattern.endswith("$")
    first, *rest = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for number, piece in enumerate(rest, 1):
        if is_whole and number == len(rest):
            return len(path) - len(piece) >= at and path.endswith(piece)
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return not is_whole or at == len(path)
