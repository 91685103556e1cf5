"""Own what a command says, and how it asks for a password."""

import getpass
import sys

from pydantic import SecretStr

from core.errors import Invalid


def say(text: str) -> None:
    """Print one line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def complain(text: str, remedy: str = "") -> None:
    """Print what went wrong, and what to do about it, on standard error."""
    sys.stderr.write(f"{text} {remedy}".rstrip() + "\n")


class Progress:
    """Show how far it is: one line that changes on a terminal, each new tenth elsewhere."""

    def __init__(self) -> None:
        self._tenth = 0

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` are done."""
        if sys.stdout.isatty():
            sys.stdout.write(f"\r{done} of {total}" + ("\n" if done == total else ""))
            sys.stdout.flush()
        elif done * 10 // total > self._tenth:
            self._tenth = done * 10 // total
            say(f"{done} of {total}")


def ask_password(*, from_stdin: bool) -> SecretStr:
    """Read a new password, twice from a person; it is never an argument, which others may see.

    Raises:
        Invalid: nobody is there to ask, or the two differ.
    """
    if from_stdin:
        return SecretStr(sys.stdin.readline().rstrip("\r\n"))
    if not sys.stdin.isatty():
        raise Invalid(
            "There is no terminal to ask for the password.",
            field="password",
            remedy="Give it on standard input with --password-stdin.",
        )
    password = getpass.getpass("New password: ")
    if getpass.getpass("The same again: ") != password:
        raise Invalid("The two passwords differ.", field="password", remedy="Try again.")
    return SecretStr(password)
