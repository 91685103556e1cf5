"""Own adding up sums of use: several stretches of time become one."""

from collections.abc import Iterable
from decimal import Context, Decimal
from typing import Final

from core.analytics.histogram import add_packed, pack
from core.documents.usage_rollup import UsageCell, UserCell

# More digits than Decimal128 keeps, so that no sum depends on its order.
EXACT: Final = Context(prec=60)


def merge_cells(cells: Iterable[UsageCell]) -> list[UsageCell]:
    """Return one cell for each version, model and outcome."""
    found: dict[tuple[object, ...], list[UsageCell]] = {}
    for cell in cells:
        key = (
            cell.prompt_version_id,
            cell.prompt_id,
            cell.version,
            cell.provider,
            cell.model,
            cell.status,
        )
        found.setdefault(key, []).append(cell)
    return [_one_cell(same) if len(same) > 1 else same[0] for same in found.values()]


def _one_cell(same: list[UsageCell]) -> UsageCell:
    return same[0].model_copy(
        update={
            "runs": sum(cell.runs for cell in same),
            "input_tokens": sum(cell.input_tokens for cell in same),
            "output_tokens": sum(cell.output_tokens for cell in same),
            "cost_usd": add_money(cell.cost_usd for cell in same),
            "cost_unknown": sum(cell.cost_unknown for cell in same),
            "ratings": [sum(stars) for stars in zip(*(c.ratings for c in same), strict=True)],
            "latency": pack(add_packed(cell.latency for cell in same)),
            "first_token": pack(add_packed(cell.first_token for cell in same)),
        }
    )


def merge_users(cells: Iterable[UserCell]) -> list[UserCell]:
    """Return one cell for each person and outcome."""
    found: dict[tuple[object, ...], UserCell] = {}
    for cell in cells:
        key = (cell.user_id, cell.status)
        known = found.get(key)
        found[key] = cell if known is None else _one_user(known, cell)
    return list(found.values())


def _one_user(one: UserCell, other: UserCell) -> UserCell:
    return one.model_copy(
        update={
            "runs": one.runs + other.runs,
            "input_tokens": one.input_tokens + other.input_tokens,
            "output_tokens": one.output_tokens + other.output_tokens,
            "cost_usd": add_money((one.cost_usd, other.cost_usd)),
            "cost_unknown": one.cost_unknown + other.cost_unknown,
        }
    )


def add_money(amounts: Iterable[Decimal]) -> Decimal:
    """Return the exact sum."""
    total = Decimal(0)
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total
