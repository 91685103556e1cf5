"""Own sign-in tickets: from the page's form to the HttpOnly cookie, once and within 30 seconds."""

import secrets
import threading
import time
from collections.abc import Callable
from typing import Final

from bson import ObjectId

LIFE_SECONDS: Final = 30


class Tickets:
    """The tickets issued by this process and not redeemed yet.

    Pages issue from script threads and the route redeems on the event loop, hence the lock.
    `clock` gives seconds that never run backwards.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, tuple[ObjectId, float]] = {}

    def issue(self, user_id: ObjectId) -> str:
        """Return a new ticket for a user whose password was just verified."""
        ticket = secrets.token_urlsafe(32)
        moment = self._clock()
        with self._lock:
            alive = {t: held for t, held in self._open.items() if held[1] > moment}
            self._open = {**alive, ticket: (user_id, moment + LIFE_SECONDS)}
        return ticket

    def redeem(self, ticket: str) -> ObjectId | None:
        """Return whose ticket it was and void it; None when it is unknown, used or too old."""
        with self._lock:
            held = self._open.pop(ticket, None)
        if held is None or held[1] <= self._clock():
            return None
        return held[0]
