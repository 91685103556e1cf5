"""Own the stored spending of one application in one calendar month."""

from decimal import Decimal

from beanie.odm.custom_types import DecimalAnnotation
from pymongo import ASCENDING, IndexModel

from core.documents.base import Stored
from core.values.ids import Id


class Spending(Stored):
    """What calls of known price cost in a `month` (2026-11), and how many had no known price.

    `warned_limit_usd` and `reached_limit_usd` are the budgets of which it was told already that
    they are nearly, or all, used up.
    """

    application_id: Id
    month: str
    spent_usd: DecimalAnnotation = Decimal(0)
    unpriced: int = 0
    warned_limit_usd: DecimalAnnotation | None = None
    reached_limit_usd: DecimalAnnotation | None = None

    class Settings:
        name = "spendings"
        indexes = [
            IndexModel(
                [("application_id", ASCENDING), ("month", ASCENDING)],
                name="application_month",
                unique=True,
            )
        ]
