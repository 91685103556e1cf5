"""Own what an application has spent in a calendar month, and whether it may spend more."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple, Self
from zoneinfo import ZoneInfo

from bson import Decimal128, ObjectId
from pymongo import ReturnDocument

from core import clock
from core.accounts.applications import get_administered
from core.documents import Application, Spending
from core.errors import BudgetExceeded
from core.metrics import Metrics
from core.telemetry import facts
from core.values.scope import Scope
from prompthub.wire.literals import BudgetLevel

WARNING_SHARE: Final = Decimal("0.8")
# Where it is noted that it was told, and what is said.
_TELLING: Final[Mapping[BudgetLevel, tuple[str, str]]] = {
    "nearly": ("warned_limit_usd", "An application has used 80 % of its monthly budget."),
    "used_up": ("reached_limit_usd", "An application has used up its monthly budget."),
}
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
    metrics: Metrics = field(default_factory=Metrics)

    @classmethod
    def of(cls, application: Application, metrics: Metrics | None = None) -> Self:
        """Return the budget that the application's limits set; warnings count in `metrics`."""
        limits = application.limits
        return cls(
            application_id=application.key,
            time_zone=application.time_zone,
            limit_usd=limits.monthly_budget_usd,
            is_hard=limits.hard_stop,
            metrics=metrics or Metrics(),
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

        Goes on when whoever awaits it is cancelled, or nobody does. The calls that reach
        `WARNING_SHARE` of the limit and the limit itself log a warning.
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
        await self._warn(Spending.model_validate(stored))

    async def _warn(self, spending: Spending) -> None:
        """Tell once a month, and again for another limit, that it is nearly or all used up."""
        level = level_of(spending, self.limit_usd)
        if self.limit_usd is None or level not in _TELLING:
            return
        noted, said = _TELLING[level]
        if getattr(spending, noted) == self.limit_usd:
            return
        limit = Decimal128(self.limit_usd)
        if not await _is_first(spending, noted, limit):
            return
        self.metrics.count_budget(level)
        _log.warning(
            said,
            extra=facts(
                application_id=str(self.application_id),
                month=spending.month,
                limit_usd=str(self.limit_usd),
                spent_usd=str(spending.spent_usd),
                unpriced=spending.unpriced,
                hard_stop=self.is_hard,
            ),
        )

    def _month(self) -> str:
        return month_at(clock.now(), self.time_zone)


class BudgetState(NamedTuple):
    """How much of its budget an application has used in the calendar month that is running.

    `share` is 1 when all is used up; None without a limit. `unpriced` calls are in no sum.
    """

    month: str
    limit_usd: Decimal | None
    hard_stop: bool
    spent_usd: Decimal
    unpriced: int
    share: float | None
    level: BudgetLevel


async def get_budget_state(scope: Scope, application_id: ObjectId) -> BudgetState:
    """Return how far the budget of this month is used.

    Raises:
        NotFound: there is no such application, or it is somebody else's.
        NotAllowed: the caller is no admin of it.
    """
    application = await get_administered(scope, application_id)
    month = month_at(clock.now(), application.time_zone)
    return _state_of(application, month, await find_spending(application_id, month))


async def list_budget_states(
    scope: Scope, applications: Iterable[Application]
) -> dict[ObjectId, BudgetState]:
    """Return the same of those that have a budget and that the caller administers, by one read."""
    now = clock.now()
    limited = {
        one.key: (one, month_at(now, one.time_zone))
        for one in applications
        if one.limits.monthly_budget_usd is not None and scope.role_in(one.key) == "admin"
    }
    wanted = [{"application_id": key, "month": month} for key, (_, month) in limited.items()]
    found = await Spending.find({"$or": wanted}).to_list() if wanted else []
    spent = {ObjectId(one.application_id): one for one in found}
    return {
        key: _state_of(one, month, spent.get(key) or Spending(application_id=key, month=month))
        for key, (one, month) in limited.items()
    }


def _state_of(application: Application, month: str, spending: Spending) -> BudgetState:
    limits = application.limits
    limit = limits.monthly_budget_usd
    return BudgetState(
        month=month,
        limit_usd=limit,
        hard_stop=limits.hard_stop,
        spent_usd=spending.spent_usd,
        unpriced=spending.unpriced,
        share=float(spending.spent_usd / limit) if limit else None,
        level=level_of(spending, limit),
    )


def level_of(spending: Spending, limit_usd: Decimal | None) -> BudgetLevel:
    """Return how far a limit is used up; without one there is nothing to reach."""
    if limit_usd is None:
        return "unlimited"
    if spending.spent_usd >= limit_usd:
        return "used_up"
    return "nearly" if spending.spent_usd >= limit_usd * WARNING_SHARE else "within"


async def _is_first(spending: Spending, noted: str, limit: Decimal128) -> bool:
    """Note that it is told of a limit; of calls that come together one is the first."""
    told = await Spending.collection().update_one(
        {"_id": spending.key, noted: {"$ne": limit}}, {"$set": {noted: limit}}
    )
    return told.modified_count == 1


def month_at(moment: datetime, time_zone: str) -> str:
    """Return the calendar month, such as 2026-11, in which the moment lies there."""
    return f"{moment.astimezone(ZoneInfo(time_zone)):%Y-%m}"


async def find_spending(application_id: ObjectId, month: str) -> Spending:
    """Return what was spent in a month such as 2026-11, nothing where no call has cost."""
    found = await Spending.find_one({"application_id": application_id, "month": month})
    return found or Spending(application_id=application_id, month=month)
