from dataclasses import replace
from datetime import timedelta

import pytest
from bson import ObjectId

from core import clock
from core.documents import ExecutionLog, Feedback
from core.errors import NotAllowed, NotFound
from core.feedback import NewRating, rate_execution
from core.feedback.queue import STEP, QueueQuery, can_rate, load_queue
from core.values.scope import SYSTEM
from tests.builders import a_scope, an_application
from tests.core.feedback.conftest import an_answer
from tests.places import Place


async def test_the_queue_holds_what_i_have_not_rated_newest_first(place: Place) -> None:
    old = await an_answer(place, minutes_ago=9)
    mine = await an_answer(place, minutes_ago=5)
    new = await an_answer(place, minutes_ago=1)
    colleague = a_scope("editor", place.application.key)
    await rate_execution(place.scope, mine, NewRating(rating=4))
    await rate_execution(colleague, new, NewRating(rating=2))

    queue = await load_queue(place.scope, QueueQuery())

    assert queue == ([new.key, old.key], False)
    assert (await load_queue(place.scope, QueueQuery(), length=1)) == ([new.key], True)


async def test_only_answers_of_the_last_30_days_are_asked_about(place: Place) -> None:
    await an_answer(place, status="failed")
    await an_answer(place, output_data={})
    await an_answer(place, output_data={"text": ""})
    await an_answer(place, verifies=ObjectId())
    await an_answer(place, metadata={"purpose": "boost"})
    await an_answer(place, created_at=clock.now() - timedelta(days=31))

    assert (await load_queue(place.scope, QueueQuery())).items == []


async def test_more_rated_answers_than_one_step_do_not_hide_an_older_one(place: Place) -> None:
    old = await an_answer(place, minutes_ago=60)
    pattern = old.model_dump(exclude={"id", "created_at"})
    runs = [{**pattern, "_id": ObjectId(), "created_at": clock.now()} for _ in range(STEP + 1)]
    await ExecutionLog.collection().insert_many(runs)
    rated = [{"user_id": place.scope.user_id, "execution_id": run["_id"]} for run in runs]
    await Feedback.collection().insert_many(rated)

    assert (await load_queue(place.scope, QueueQuery(), length=1)) == ([old.key], False)


async def test_filters_narrow_the_queue(place: Place) -> None:
    wanted = await an_answer(place, version="2.0.0")
    await an_answer(place, version="1.0.0")
    await an_answer(place, prompt_id="other", version="2.0.0")

    query = QueueQuery(application_id=place.application.key, prompt_id="greet", version="2.0.0")

    assert (await load_queue(place.scope, query)).items == [wanted.key]


async def test_viewers_and_others_have_nothing_to_rate(place: Place) -> None:
    await an_answer(place)
    other = await an_application()
    viewer = a_scope("viewer", place.application.key)

    assert (await load_queue(viewer, QueueQuery())).items == []
    assert not can_rate(viewer, place.application.key)
    with pytest.raises(NotAllowed):
        await load_queue(viewer, QueueQuery(application_id=place.application.key))
    with pytest.raises(NotFound):
        await load_queue(viewer, QueueQuery(application_id=other.key))
    for scope in (SYSTEM, replace(viewer, kind="application", user_id=None)):
        with pytest.raises(NotAllowed):
            await load_queue(scope, QueueQuery())
