"""Own the counters of this process."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

from core.rate_limits.sliding import Allowance, Counted

# Bounds the memory that made-up accounts and addresses can take: who came longest ago is forgotten.
MAX_KEYS: Final = 50_000

Key = tuple[str, str]


class MemoryCounters:
    """Sliding windows and exact ones, in dictionaries; `clock` gives seconds that never run back.

    Taking costs 2 us; the memory storage of `limits` 18 to 31 us, more with every key it holds
    (decision 0012).
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # Window, previous count, current count.
        self._counts: OrderedDict[Key, list[int]] = OrderedDict()
        self._times: OrderedDict[Key, deque[float]] = OrderedDict()

    def take(self, key: Key, *, limit: int, seconds: int) -> Allowance | Counted:
        """Count one and return what is left, or uncounted what was counted already."""
        moment = self._clock()
        window = int(moment // seconds)
        count = self._counts.get(key)
        if count is None:
            count = self._counts[key] = [window, 0, 0]
            if len(self._counts) > MAX_KEYS:
                self._counts.popitem(last=False)
        else:
            self._counts.move_to_end(key)
        if count[0] != window:
            count[:] = [window, count[2] if count[0] == window - 1 else 0, 0]
        _, previous, current = count
        into = moment - window * seconds
        left = limit - current - previous * (1 - into / seconds)
        if left < 1:
            return Counted(previous, current, into, seconds)
        count[2] = current + 1
        return Allowance(limit, int(left) - 1, int(seconds - into) + 1)

    def wait_seconds(self, key: Key, *, limit: int, seconds: int) -> float:
        """Return how long until fewer than `limit` lie within the last `seconds`; 0 is now."""
        times = self._times.get(key)
        moment = self._clock()
        while times and times[0] <= moment - seconds:
            times.popleft()
        if not times or len(times) < limit:
            return 0
        return times[len(times) - limit] + seconds - moment

    def record(self, key: Key, *, limit: int) -> None:
        """Remember that it happened now; of one key no more than `limit` times are kept."""
        times = self._times.setdefault(key, deque(maxlen=limit))
        times.append(self._clock())
        self._times.move_to_end(key)
        while len(self._times) > MAX_KEYS:
            self._times.popitem(last=False)
