"""Own how measurements are taken and printed: medians and percentiles of many repetitions."""

import statistics
import time
from collections.abc import Awaitable, Callable, Sequence


def show(what: str, milliseconds: Sequence[float]) -> None:
    """Print one row: median, 95th and 99th percentile in milliseconds, and how many were taken."""
    ordered = sorted(milliseconds)
    print(
        f"{what:<52} p50 {statistics.median(ordered):9.2f} ms"
        f"   p95 {ordered[int(len(ordered) * 0.95) - 1]:9.2f} ms"
        f"   p99 {ordered[int(len(ordered) * 0.99) - 1]:9.2f} ms   n {len(ordered)}"
    )


async def repeat(times: int, action: Callable[[int], Awaitable[object]]) -> list[float]:
    """Return the milliseconds of each of `times` calls, one after another."""
    taken: list[float] = []
    for number in range(times):
        started = time.perf_counter()
        await action(number)
        taken.append((time.perf_counter() - started) * 1000)
    return taken
