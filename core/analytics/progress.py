"""Own how far the sums of use are behind what could be built."""

from core import clock
from core.analytics.rollup import GRACE
from core.analytics.stretches import QUARTER, floor_to
from core.documents import RollupProgress


async def find_seconds_behind() -> float | None:
    """Return the age of the first quarter of an hour that is closed and not built, 0 for none.

    None where nothing was ever built.
    """
    progress = await RollupProgress.find_one({"_id": RollupProgress.KEY})
    if progress is None or progress.until is None:
        return None
    closed = floor_to(clock.now() - GRACE, QUARTER)
    return max(0.0, (closed - progress.until).total_seconds())
