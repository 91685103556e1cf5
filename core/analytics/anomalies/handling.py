"""Own what people do about anomalies: acknowledge one, mute a measure of a version on a model."""

from datetime import timedelta
from typing import Any

from bson import ObjectId

from core import audit, clock
from core.analytics.anomalies.listing import get_anomaly
from core.documents import Anomaly, changed
from core.errors import Invalid
from core.values.scope import Scope
from prompthub.wire.anomalies import MAX_MUTE_HOURS, MAX_NOTE_CHARS


async def acknowledge(scope: Scope, anomaly_id: ObjectId, note: str = "") -> Anomaly:
    """Record that the caller knows of an anomaly; the first to do so stays named.

    Raises:
        NotFound, NotAllowed: it is not visible, or the caller is no editor.
        Invalid: the note is too long.
    """
    found = await _get_to_change(scope, anomaly_id, "editor")
    if len(note) > MAX_NOTE_CHARS:
        raise Invalid(
            f"The note is longer than {MAX_NOTE_CHARS} characters.",
            field="note",
            remedy="Shorten it.",
        )
    after = await Anomaly.change_one(
        {"_id": found.key, "acknowledged_at": None},
        {"acknowledged_at": clock.now(), "acknowledged_by": scope.actor, "note": note},
    )
    if after is None:
        return await get_anomaly(scope, anomaly_id)
    await _record(scope, "anomaly.acknowledge", after, {"note": note} if note else {})
    return after


async def mute(scope: Scope, anomaly_id: ObjectId, hours: int) -> Anomaly:
    """Keep a measure of a version on a model quiet for some hours from now; 0 ends it.

    What is found in that time is listed as muted; it is neither logged nor counted.

    Raises:
        NotFound, NotAllowed: it is not visible, or the caller is no operator.
        Invalid: that is for longer than `MAX_MUTE_HOURS`.
    """
    found = await _get_to_change(scope, anomaly_id, "operator")
    if not 0 <= hours <= MAX_MUTE_HOURS:
        raise Invalid(
            f"A measure is muted for 0 to {MAX_MUTE_HOURS} hours.",
            field="hours",
            remedy="Mute it again when that has passed.",
        )
    until = clock.now() + timedelta(hours=hours) if hours else None
    await Anomaly.collection().update_many(
        same_measure(found), changed(muted_until=until, muted_by=scope.actor if until else "")
    )
    await _record(scope, "anomaly.mute" if until else "anomaly.unmute", found, {"hours": hours})
    return await get_anomaly(scope, anomaly_id)


def same_measure(anomaly: Anomaly) -> dict[str, Any]:
    """Return the query of all anomalies of the same measure of the same version on its model."""
    fields = {"application_id", "prompt_version_id", "provider", "model", "measure"}
    return anomaly.model_dump(include=fields)


async def _get_to_change(scope: Scope, anomaly_id: ObjectId, role: Any) -> Anomaly:
    found = await get_anomaly(scope, anomaly_id)
    scope.require(role, found.application_id, kind="anomaly", key=str(anomaly_id))
    return found


async def _record(scope: Scope, action: str, anomaly: Anomaly, after: dict[str, Any]) -> None:
    facts = {"measure": anomaly.measure, "version": anomaly.version, **after}
    await audit.record(
        scope,
        action,
        f"anomaly:{anomaly.key}",
        application_id=anomaly.application_id,
        after=facts,
    )
