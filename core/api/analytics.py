"""Own the routes of analytics: usage, costs and performance over a window."""

import asyncio
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from starlette.responses import Response

from core.accounts.applications import TimeZone, get_application
from core.analytics.answer import Answer, Item, answer
from core.analytics.figures import Figures
from core.analytics.question import DEFAULT_TOP, MAX_TOP, Filters, Part, Question
from core.analytics.window import Window, make_window
from core.api.dependencies import AskedMoment, AskingScope, to_value
from core.api.strict_route import UserRoute
from core.values.ids import Id
from core.values.scope import Scope
from prompthub.wire import analytics as wire
from prompthub.wire.feedback import RatingSummary
from prompthub.wire.literals import ExecutionStatus

router = APIRouter(prefix="/analytics", route_class=UserRoute, tags=["analytics"])


class _Asked(NamedTuple):
    question: Question
    compares: bool


async def _read_filters(
    *,
    application_id: Id | None = None,
    prompt_id: Annotated[str | None, Query(description="Runs of prompts with this id.")] = None,
    version: Annotated[str | None, Query(description="A number such as `1.2.0`.")] = None,
    model: Annotated[str | None, Query(description="connection/model, or the model alone.")] = None,
    status: Annotated[ExecutionStatus | None, Query(description="Runs that ended so.")] = None,
) -> Filters:
    filters = {"prompt_id": prompt_id, "version": version, "model": model, "status": status}
    return to_value(Filters, {"application_id": application_id, **filters}, where="query")


async def _read_question(
    scope: AskingScope,
    filters: Annotated[Filters, Depends(_read_filters)],
    *,
    start: Annotated[
        AskedMoment | None, Query(description="Included; 30 days before the end if absent.")
    ] = None,
    end: Annotated[AskedMoment | None, Query(description="Not included; now if absent.")] = None,
    bucket: Annotated[
        wire.Bucket | None, Query(description="Cut the window; one item in all if absent.")
    ] = None,
    time_zone: Annotated[
        TimeZone | None,
        Query(
            description="Where days begin, such as `Europe/Paris`. Absent: as the application"
            " that was named, else UTC."
        ),
    ] = None,
    group_by: Annotated[
        tuple[wire.Group, ...], Query(description="Repeat for several; `user` in usage and costs.")
    ] = (),
    top: Annotated[
        int, Query(ge=1, le=MAX_TOP, description="Groups shown by themselves.")
    ] = DEFAULT_TOP,
    order: Annotated[wire.Order, Query(description="What makes a group large.")] = "runs",
    compare: Annotated[
        Literal["previous"] | None,
        Query(description="Add the totals of the window of the same length right before."),
    ] = None,
) -> _Asked:
    zone = time_zone or await _zone_of(scope, filters)
    window = make_window(start, end, bucket=bucket, zone=zone)
    groups = tuple(dict.fromkeys(group_by))
    question = Question(window=window, filters=filters, group_by=groups, top=top, order=order)
    return _Asked(question, compares=compare is not None)


async def _zone_of(scope: Scope, filters: Filters) -> str:
    if filters.application_id is None:
        return "UTC"
    return (await get_application(scope, filters.application_id)).time_zone


Asked = Annotated[_Asked, Depends(_read_question)]


@router.get("/usage", response_model=wire.Usage)
async def usage(scope: AskingScope, asked: Asked) -> Response:
    """Count runs, how they ended, and their tokens."""
    told = await _ask(scope, asked, "counts")
    return await asyncio.to_thread(_tell, told, wire.Usage, wire.UsageItem, _usage)


@router.get("/costs", response_model=wire.Costs)
async def costs(scope: AskingScope, asked: Asked) -> Response:
    """Sum what runs cost, where the price is known, and count where it is not."""
    told = await _ask(scope, asked, "costs")
    return await asyncio.to_thread(_tell, told, wire.Costs, wire.CostItem, _costs)


@router.get("/performance", response_model=wire.Performance)
async def performance(scope: AskingScope, asked: Asked) -> Response:
    """Tell how long runs took, how many succeeded, and how they were rated."""
    told = await _ask(scope, asked, "times", "ratings")
    item = wire.PerformanceItem
    return await asyncio.to_thread(_tell, told, wire.Performance, item, _performance)


class _Told(NamedTuple):
    window: Window
    answer: Answer
    before: Window
    previous: Answer | None


async def _ask(scope: Scope, asked: _Asked, *parts: Part) -> _Told:
    question = asked.question.model_copy(update={"parts": frozenset(parts)})
    before = question.before()
    found = await answer(scope, question)
    previous = await answer(scope, before) if asked.compares else None
    return _Told(question.window, found, before.window, previous)


def _tell(told: _Told, shape: type[BaseModel], item: type[BaseModel], show: Any) -> Response:
    """Write the answer; in a thread, because it may have many items."""
    previous = None
    if told.previous is not None:
        totals = show(told.previous.totals)
        previous = {"window": _show_window(told.before), "totals": totals}
    shown = shape.model_validate(
        {
            "window": _show_window(told.window),
            "groups": told.answer.groups,
            "items": [item(**_keys(one), **show(one.figures)) for one in told.answer.items],
            "totals": show(told.answer.totals),
            "previous": previous,
        }
    )
    # What was not grouped by is left out of the items.
    return Response(shown.model_dump_json(exclude_unset=True), media_type="application/json")


def _show_window(window: Window) -> dict[str, Any]:
    times = {"start": window.start, "end": window.end}
    return {**times, "bucket": window.bucket, "time_zone": window.zone}


def _keys(item: Item) -> dict[str, Any]:
    keys = {name: key for name, key in item.keys.items() if not item.is_other}
    return {"bucket": item.bucket, "is_other": item.is_other, **keys}


def _usage(figures: Figures) -> dict[str, Any]:
    ends = ("success", "failed", "timeout", "blocked", "cancelled")
    return {
        "runs": figures.runs,
        **{status: figures.count(status) for status in ends},
        "input_tokens": figures.input_tokens,
        "output_tokens": figures.output_tokens,
    }


def _costs(figures: Figures) -> dict[str, Any]:
    return {
        "runs": figures.runs,
        "success": figures.count("success"),
        "cost_usd": figures.cost_usd,
        "cost_unknown": figures.cost_unknown,
        "cost_per_success_usd": figures.cost_per_success_usd(),
    }


def _performance(figures: Figures) -> dict[str, Any]:
    rating = figures.rating()
    times = {"latency": figures.latency, "time_to_first_token": figures.first_token}
    return {
        "runs": figures.runs,
        **{
            f"{name}_{share}_ms": told
            for name, percentiles in times.items()
            for share, told in percentiles._asdict().items()
        },
        "success_rate": figures.share("success"),
        "rating": rating and RatingSummary.model_validate(rating, from_attributes=True),
    }
