"""Own the routes of anomalies: list them, acknowledge one, mute a measure."""

from typing import Annotated

from bson import ObjectId
from fastapi import APIRouter, Query
from starlette.responses import Response

from core import clock
from core.analytics.anomalies import handling, listing
from core.analytics.anomalies.listing import AnomalyQuery, state_of
from core.api.answers import answer
from core.api.dependencies import AskedMoment, AskingScope, to_value
from core.api.paging import AskedPage
from core.api.strict_route import UserRoute
from core.documents import Anomaly, Change
from core.values.ids import Id
from prompthub.wire import anomalies as wire
from prompthub.wire.literals import AnomalyMeasure, AnomalyState

router = APIRouter(prefix="/analytics/anomalies", route_class=UserRoute, tags=["analytics"])


@router.get("", response_model=wire.AnomalyPage)
async def list_anomalies(
    scope: AskingScope,
    asked: AskedPage,
    *,
    application_id: Id | None = None,
    prompt_id: Annotated[str | None, Query(description="Prompts with this id.")] = None,
    version: Annotated[str | None, Query(description="A number such as `1.2.0`.")] = None,
    model: Annotated[str | None, Query(description="connection/model, or the model alone.")] = None,
    measure: Annotated[AnomalyMeasure | None, Query(description="What is unusual.")] = None,
    state: Annotated[
        AnomalyState | None, Query(description="Whether somebody still has to look at it.")
    ] = None,
    start: Annotated[
        AskedMoment | None, Query(description="What has not ended before; included.")
    ] = None,
    end: Annotated[
        AskedMoment | None, Query(description="What has begun before; not included.")
    ] = None,
) -> Response:
    """List what was unusual, what began last first; `total` stops counting at 10,000."""
    named = {"prompt_id": prompt_id, "version": version, "model": model}
    kind = {"application_id": application_id, "measure": measure, "state": state}
    query = to_value(AnomalyQuery, {**named, **kind, "start": start, "end": end}, where="query")
    page = await listing.list_anomalies(scope, query, skip=asked.skip, limit=asked.limit)
    shown = [_show(one) for one in page.items]
    part = asked.part_of(shown, page.total, total_is_capped=page.total_is_capped)
    return answer(wire.AnomalyPage(**part, total_is_capped=page.total_is_capped))


@router.post("/{anomaly_id}/acknowledge", response_model=wire.Anomaly)
async def acknowledge(
    anomaly_id: Id, body: wire.NewAcknowledgement, scope: AskingScope
) -> Response:
    """Say that you know of an anomaly; the first who does stays named."""
    return answer(_show(await handling.acknowledge(scope, ObjectId(anomaly_id), body.note)))


@router.post("/{anomaly_id}/mute", response_model=wire.Anomaly)
async def mute(anomaly_id: Id, body: wire.NewMute, scope: AskingScope) -> Response:
    """Keep the measure of the version on the model quiet for some hours; 0 ends it.

    What is found in that time is listed as muted, and neither logged nor counted.
    """
    return answer(_show(await handling.mute(scope, ObjectId(anomaly_id), body.hours)))


def _show(anomaly: Anomaly) -> wire.Anomaly:
    fields = anomaly.model_dump(
        include=set(wire.Anomaly.model_fields) - {"id", "changes", "examples", "application_id"}
    )
    told = {
        **fields,
        "id": str(anomaly.key),
        "application_id": str(anomaly.application_id),
        "model": f"{anomaly.provider}/{anomaly.model}",
        "state": state_of(anomaly, clock.now()),
        "examples": [str(one) for one in anomaly.examples],
        "changes": [_show_change(one) for one in anomaly.changes],
        "acknowledged_by": anomaly.acknowledged_by or None,
        "muted_by": anomaly.muted_by or None,
    }
    return wire.Anomaly.model_validate(told)


def _show_change(change: Change) -> wire.AnomalyChange:
    told = {**change.model_dump(), "actor": change.actor or None}
    return wire.AnomalyChange.model_validate(told)
