"""Own the time: the present moment in UTC, and a stopwatch."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment in UTC, cut to milliseconds because BSON keeps no more."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class Stopwatch:
    """Measure elapsed time from its creation with a clock that never jumps."""

    def __init__(self) -> None:
        self._started = time.perf_counter()

    def elapsed_ms(self) -> float:
        """Return the milliseconds since creation."""
        return (time.perf_counter() - self._started) * 1000
