"""Own the protocol of a check of the input, and the table of those that a policy may name."""

from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Final, NamedTuple, Protocol

from core.errors import Invalid

# A package that brings checks names them under this group; each entry is an instance.
ENTRY_POINTS: Final = "prompthub.checks"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedInput:
    """What the checks of one execution see.

    `given` is what the caller brought: the values as sent, and as the templates printed them.
    `sent` is the text of all messages, the author's words included.
    """

    given: str
    sent: str


class Score(NamedTuple):
    """How sure a check is, from 0 (nothing found) to 1, and why, without repeating the text."""

    score: float
    reason: str


class Check(Protocol):
    """A named check of the input; a policy names it as `name` or `name:argument`.

    It runs in a thread, several executions at once, and takes time in proportion to the text. An
    exception of its own fails the execution before anything is sent.
    """

    name: str

    def check_argument(self, argument: str | None) -> None:
        """Pass when the check can work with this argument.

        Raises:
            ValueError: it cannot; the message is a sentence that says what it takes.
        """
        ...

    def score(self, text: CheckedInput, argument: str | None) -> Score:
        """Return how sure the check is that this must not be sent."""
        ...


_checks: dict[str, Check] = {}


def register(check: Check) -> None:
    """Let policies name this check; the name may not be taken.

    Raises:
        ValueError: another check has the name.
    """
    if _checks.setdefault(check.name, check) is not check:
        msg = f"There is another check named {check.name!r}."
        raise ValueError(msg)


def find_check(validator: str) -> tuple[Check, str | None]:
    """Return the check that `name` or `name:argument` means, and the argument.

    Raises:
        Invalid: no check has this name, or it cannot work with the argument.
    """
    name, colon, rest = validator.partition(":")
    argument = rest if colon else None
    known = _with_plug_ins()
    if name not in known:
        raise Invalid(
            "A check of the input has a name that is not known here.",
            field="guardrail_config.pre_validation.validators",
            remedy=f"Use one of: {', '.join(list_check_names())}.",
        )
    try:
        known[name].check_argument(argument)
    except ValueError as error:
        raise Invalid(
            f"The check {name} cannot work with what is written after its name.",
            field="guardrail_config.pre_validation.validators",
            remedy=str(error),
        ) from error
    return known[name], argument


def list_check_names() -> list[str]:
    """Return what policies may name here, in the order of the alphabet."""
    return sorted(_with_plug_ins())


def _with_plug_ins() -> dict[str, Check]:
    _load_plug_ins()
    return _checks


@cache
def _load_plug_ins() -> None:
    for entry in entry_points(group=ENTRY_POINTS):
        register(entry.load())
