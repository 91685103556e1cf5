"""Who sees anomalies, who acknowledges and who mutes them."""

from datetime import timedelta
from types import MappingProxyType

import pytest
from bson import ObjectId

from core import clock
from core.analytics.anomalies.handling import MAX_MUTE_HOURS, acknowledge, mute
from core.analytics.anomalies.listing import AnomalyQuery, get_anomaly, list_anomalies, state_of
from core.documents import Anomaly, AuditEvent
from core.errors import Invalid, NotAllowed, NotFound
from core.values.scope import SYSTEM, Scope
from prompthub.wire.literals import Role
from tests import anomalies
from tests.anomalies import MORNING

pytestmark = pytest.mark.usefixtures("database")

OURS, THEIRS = ObjectId(), ObjectId()


def as_(role: Role) -> Scope:
    return Scope(kind="user", roles=MappingProxyType({OURS: role}), actor=f"user:{role}")


def an_anomaly(**fields: object) -> Anomaly:
    return anomalies.an_anomaly(**{"application_id": OURS, **fields})


async def test_a_list_holds_what_the_caller_may_see_the_newest_first() -> None:
    older = await an_anomaly().insert()
    newer = await an_anomaly(started_at=MORNING + timedelta(hours=5)).insert()
    other = await an_anomaly(application_id=THEIRS).insert()

    page = await list_anomalies(as_("viewer"), AnomalyQuery())

    assert [one.key for one in page.items] == [newer.key, older.key]
    assert page.total == 2
    assert (await list_anomalies(SYSTEM, AnomalyQuery())).total == 3
    with pytest.raises(NotFound):
        await get_anomaly(as_("admin"), other.key)
    with pytest.raises(NotFound):
        await list_anomalies(as_("admin"), AnomalyQuery(application_id=THEIRS))


async def test_an_api_key_sees_none() -> None:
    key = Scope(kind="application", roles=MappingProxyType({OURS: "viewer"}))

    with pytest.raises(NotAllowed):
        await list_anomalies(key, AnomalyQuery())


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"prompt_id": "greet"}, 2),
        ({"prompt_id": "other"}, 0),
        ({"version": "2.0.0"}, 0),
        ({"model": "openai/gpt-4o-mini"}, 2),
        ({"model": "gpt-4o-mini"}, 2),
        ({"model": "anthropic/gpt-4o-mini"}, 0),
        ({"measure": "latency"}, 1),
        ({"start": MORNING + timedelta(hours=2)}, 1),
        ({"end": MORNING}, 0),
        ({"end": MORNING + timedelta(minutes=1)}, 2),
        ({"state": "open"}, 2),
        ({"state": "muted"}, 0),
    ],
)
async def test_a_list_is_narrowed(query: dict[str, object], found: int) -> None:
    await an_anomaly(ended_at=MORNING + timedelta(hours=1)).insert()
    await an_anomaly(measure="latency", ended_at=None).insert()

    page = await list_anomalies(SYSTEM, AnomalyQuery.model_validate(query))

    assert page.total == found


async def test_the_first_who_acknowledges_stays_named() -> None:
    one = await an_anomaly().insert()

    first = await acknowledge(as_("editor"), one.key, "a new customer")
    second = await acknowledge(as_("admin"), one.key)

    assert first.acknowledged_by == second.acknowledged_by == "user:editor"
    assert second.note == "a new customer"
    assert state_of(second, clock.now()) == "acknowledged"
    actions = [event.action for event in await AuditEvent.find_all().to_list()]
    assert actions == ["anomaly.acknowledge"]


async def test_muting_is_for_a_measure_of_a_version_on_a_model() -> None:
    one = await an_anomaly().insert()
    same = await an_anomaly(started_at=MORNING + timedelta(days=1)).insert()
    other = await an_anomaly(measure="cost").insert()

    await mute(as_("operator"), one.key, 24)

    async def states() -> list[str]:
        stored = [await get_anomaly(SYSTEM, row.key) for row in (one, same, other)]
        return [state_of(row, clock.now()) for row in stored]

    assert await states() == ["muted", "muted", "open"]
    assert (await list_anomalies(SYSTEM, AnomalyQuery(state="muted"))).total == 2
    await mute(as_("operator"), same.key, 0)
    assert await states() == ["open", "open", "open"]


async def test_roles_and_bounds_are_kept() -> None:
    one = await an_anomaly().insert()

    with pytest.raises(NotAllowed):
        await acknowledge(as_("viewer"), one.key)
    with pytest.raises(NotAllowed):
        await mute(as_("editor"), one.key, 1)
    with pytest.raises(Invalid):
        await mute(as_("admin"), one.key, MAX_MUTE_HOURS + 1)
    with pytest.raises(Invalid):
        await acknowledge(as_("admin"), one.key, "x" * 2001)
