"""Own what an application has spent in a calendar month, and whether it may spend more."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from bson import Decimal128, ObjectId
from pymongo import ReturnDocument

from core import clock
from core.documents import Application, Spending
from core.errors import BudgetExceeded
from core.telemetry import facts

_log = logging.getLogger(__name__)
# Counting ends even when the caller is cancelled; the event loop holds tasks only weakly.
_counting: Final[set[asyncio.Task[None]]] = set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The monthly budget of one application; a month begins and ends in its time zone."""

    application_id: ObjectId
    time_zone: str
    limit_usd: Decimal | None
    is_hard: bool

    @classmethod
    def of(cls, application: Application) -> Self:
        """Return the budget that the application's limits set."""
        limits = application.limits
        return cls(
            application_id=application.key,
            time_zone=application.time_zone,
            limit_usd=limits.monthly_budget_usd,
            is_hard=limits.hard_stop,
        )

    async def require_left(self) -> None:
        """Pass while the month's spending is below the limit, or nothing is to be stopped.

        Calls that run at this moment are not in the sum yet.

        Raises:
            BudgetExceeded: the limit is reached.
        """
        if self.limit_usd is None or not self.is_hard:
            return
        spending = await find_spending(self.application_id, self._month())
        if spending.spent_usd >= self.limit_usd:
            raise BudgetExceeded(f"{self.limit_usd.normalize():f}", unpriced=spending.unpriced)

    def count(self, cost_usd: Decimal | None) -> asyncio.Future[None]:
        """Begin to add the cost of one call to the month, once per call; None is unknown.

        Goes on when whoever awaits it is cancelled, or nobody does. The call that reaches the
        limit logs a warning.
        """
        task = asyncio.create_task(self._count(cost_usd))
        _counting.add(task)
        task.add_done_callback(_counting.discard)
        return asyncio.shield(task)

    async def _count(self, cost_usd: Decimal | None) -> None:
        if cost_usd == 0:
            return
        cost = cost_usd or Decimal(0)
        unpriced = int(cost_usd is None)
        stored: dict[str, Any] | None = await Spending.collection().find_one_and_update(
            {"application_id": self.application_id, "month": self._month()},
            {
                "$inc": {"spent_usd": Decimal128(cost), "unpriced": unpriced},
                "$setOnInsert": {"created_at": clock.now()},
            },
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        # An upsert that returns what is there afterwards never returns nothing.
        self._warn(cost, Spending.model_validate(stored))

    def _warn(self, cost: Decimal, spending: Spending) -> None:
        """Log the one call by which the spending reached the limit."""
        limit, spent = self.limit_usd, spending.spent_usd
        if limit is not None and spent - cost < limit <= spent:
            _log.warning(
                "An application has used up its monthly budget.",
                extra=facts(
                    application_id=str(self.application_id),
                    month=spending.month,
                    limit_usd=str(limit),
                    spent_usd=str(spent),
                    unpriced=spending.unpriced,
                    hard_stop=self.is_hard,
                ),
            )

    def _month(self) -> str:
        return month_at(clock.now(), self.time_zone)


def month_at(moment: datetime, time_zone: str) -> str:
    """Return the calendar month, such as 2026-11, in which the moment lies there."""
    return f"{moment.astimezone(ZoneInfo(time_zone)):%Y-%m}"


async def find_spending(application_id: ObjectId, month: str) -> Spending:
    """Return what was spent in a month such as 2026-11, nothing where no call has cost."""
    found = await Spending.find_one({"application_id": application_id, "month": month})
    return found or Spending(application_id=application_id, month=month)
