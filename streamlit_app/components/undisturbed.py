"""Own reading widgets in a callback to the end, also while the next run is already asked for.

A click runs a callback; each access to a widget in it may end the run in favour of the next one (a
second click, or a field that tells its value meanwhile), and then the click is lost.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from streamlit.runtime.scriptrunner_utils.exceptions import RerunException

T = TypeVar("T")


class Reading(Protocol):
    """What calls a function that reads widgets, again from its start when it was cut short."""

    def __call__(self, read: Callable[[], T], /) -> T:
        """Return what it read."""
        ...


@contextmanager
def undisturbed() -> Generator[Reading]:
    """Give way to the next run only at the end of the block; `read` must bear being begun again."""
    asked: list[RerunException] = []

    def reading(read: Callable[[], Any], /) -> Any:
        while True:
            try:
                return read()
            except RerunException as next_run:
                asked.append(next_run)

    yield reading
    if asked:
        raise asked[-1]
