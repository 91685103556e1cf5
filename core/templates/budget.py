"""Own the limits of templates, and the budget that one render spends.

Source of the figures: the attack list of the security design, run against this renderer; any
template within them ends in 2 s and 256 MB.
"""

from typing import Any, Final, cast

from jinja2 import Undefined

from core.errors import TemplateInvalid

MAX_SOURCE_BYTES: Final = 64 * 1024
MAX_NODES: Final = 5_000
MAX_DEPTH: Final = 40
# Python allows twenty nested blocks in one function; every loop becomes one.
MAX_LOOP_DEPTH: Final = 10
MAX_NAME_LENGTH: Final = 64
MAX_VALUES_BYTES: Final = 1024 * 1024
MAX_VALUE_DEPTH: Final = 32
MAX_OUTPUT_BYTES: Final = 1024 * 1024
MAX_ITERATIONS: Final = 50_000
MAX_CREATED_BYTES: Final = 8 * 1024 * 1024
# One step is an expression evaluated or an element looked at, well under a microsecond each.
MAX_STEPS: Final = 500_000
# Data built by a template may nest a little deeper than data given to it.
MAX_BUILT_DEPTH: Final = 2 * MAX_VALUE_DEPTH
# Searching and comparing text is this many times cheaper than evaluating expressions.
CHARACTERS_PER_STEP: Final = 64
BYTES_PER_ELEMENT: Final = 8
SCALAR_CHARACTERS: Final = 24


def is_sequence(value: Any) -> bool:
    """Whether a value is text, a list or a tuple."""
    return isinstance(value, (str, list, tuple))


def is_sized(value: Any) -> bool:
    """Whether a value is text, a list, a tuple or an object."""
    return isinstance(value, (str, list, tuple, dict))


class Budget:
    """What one render may still spend; nothing is shared between renders."""

    __slots__ = ("_bytes", "_iterations", "_steps")

    def __init__(self) -> None:
        self._iterations = MAX_ITERATIONS
        self._steps = MAX_STEPS
        self._bytes = MAX_CREATED_BYTES

    def iterate(self, count: int, *, body_steps: int = 1) -> None:
        """Spend `count` passes of a loop whose body evaluates `body_steps` expressions.

        Raises:
            TemplateInvalid: the loops of this render have run out of passes or steps.
        """
        self._iterations -= count
        if self._iterations < 0:
            raise TemplateInvalid(
                f"The loops run more than {MAX_ITERATIONS:,} times.",
                remedy="Loop over fewer items or avoid nested loops.",
            )
        self.step(count * body_steps)

    def step(self, count: int) -> None:
        """Spend evaluation steps.

        Raises:
            TemplateInvalid: this render has run out of them.
        """
        self._steps -= count
        if self._steps < 0:
            raise TemplateInvalid(
                "The template takes too long.",
                remedy="Loop over fewer items, or do less within the loops.",
            )

    def create(self, size_bytes: int) -> None:
        """Spend memory, before the text or list of that size is made.

        Raises:
            TemplateInvalid: this render has run out of memory.
        """
        self._bytes -= max(size_bytes, 0)
        if self._bytes < 0:
            raise TemplateInvalid(
                f"The template builds more than {MAX_CREATED_BYTES // 1024**2} MiB of text.",
                remedy="Repeat, pad or join less.",
            )

    def scan(self, *values: Any) -> int:
        """Spend the steps of walking through the values and return their printed size.

        Lists that hold one another many times over count as often as they would be visited.

        Raises:
            TemplateInvalid: they are too deep or too large for what is left.
        """
        size = 0
        waiting: list[tuple[Any, int]] = [(value, 0) for value in values]
        while waiting:
            value, depth = waiting.pop()
            if isinstance(value, str):
                size += len(value)
                self.step(1 + len(value) // CHARACTERS_PER_STEP)
            elif is_sized(value):
                size += 2 + 2 * self._enter(value, depth, waiting)
            elif not isinstance(value, Undefined):
                size += SCALAR_CHARACTERS
                self.step(1)
        return size

    def _enter(self, container: Any, depth: int, waiting: list[tuple[Any, int]]) -> int:
        if depth >= MAX_BUILT_DEPTH:
            raise TemplateInvalid(
                f"The data is nested more than {MAX_BUILT_DEPTH} levels deep.",
                remedy="Use flatter data.",
            )
        length = len(container)
        self.step(1 + length)
        waiting.extend((item, depth + 1) for item in container)
        if isinstance(container, dict):
            values = cast("dict[str, Any]", container).values()
            waiting.extend((item, depth + 1) for item in values)
        return length
