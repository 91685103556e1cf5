from dataclasses import replace

import pytest
from bson import ObjectId

from core.documents import Feedback
from core.errors import Conflict, NotAllowed, NotFound
from core.feedback import NewRating, rate_execution, rate_version
from core.feedback.suggestions import (
    SuggestionQuery,
    count_open,
    get_suggestion,
    list_suggestions,
    set_done,
)
from tests.builders import a_scope
from tests.core.feedback.conftest import an_answer
from tests.places import Place

SHORTER = NewRating(rating=2, comment="Long.", improvement_suggestion="Say it in one line.")


async def a_suggestion(place: Place) -> Feedback:
    return (await rate_version(place.scope, place.prompt, place.version, SHORTER)).feedback


async def test_only_ratings_with_a_suggestion_are_in_the_inbox(place: Place) -> None:
    one = await a_suggestion(place)
    await rate_execution(place.scope, await an_answer(place), NewRating(rating=5))

    page = await list_suggestions(place.scope, SuggestionQuery(prompt_key=place.prompt.key))

    assert (page.total, page.items[0].feedback.key) == (1, one.key)
    found = page.items[0]
    assert (found.prompt_id, found.prompt_name, found.version) == ("greet", "Greet", "1.0.0")
    assert await get_suggestion(place.scope, one.key) == found


async def test_a_suggestion_on_an_unsaved_text_is_of_no_version(place: Place) -> None:
    run = await an_answer(place, prompt_version_id=None, prompt_id=None, version=None)
    await rate_execution(place.scope, run, SHORTER)

    (found,) = (await list_suggestions(place.scope, SuggestionQuery())).items

    assert (found.application_id, found.prompt_id, found.version) == (
        place.application.key,
        None,
        None,
    )


async def test_done_and_open_are_set_by_whoever_is_first(place: Place) -> None:
    one = await a_suggestion(place)

    done = await set_done(place.scope, one, is_done=True)

    assert (await count_open(place.scope), done.done_by) == (0, place.scope.user_id)
    assert (await list_suggestions(place.scope, SuggestionQuery(is_done=True))).total == 1
    with pytest.raises(Conflict):
        await set_done(place.scope, one, is_done=True)
    await set_done(place.scope, done, is_done=False)
    assert await count_open(place.scope) == 1


async def test_rating_anew_opens_a_suggestion_again_and_rating_without_one_takes_it_out(
    place: Place,
) -> None:
    await set_done(place.scope, await a_suggestion(place), is_done=True)

    again = await a_suggestion(place)

    assert again.done_at is None
    assert await count_open(place.scope) == 1
    await rate_version(place.scope, place.prompt, place.version, NewRating(rating=3))
    assert await count_open(place.scope) == 0
    with pytest.raises(NotFound):
        await get_suggestion(place.scope, again.key)


async def test_who_may_not_write_cannot_close_a_suggestion(place: Place) -> None:
    one = await a_suggestion(place)
    viewer = a_scope("viewer", place.application.key)
    stranger = a_scope("admin", ObjectId())

    assert (await list_suggestions(viewer, SuggestionQuery())).total == 1
    assert (await list_suggestions(stranger, SuggestionQuery())).total == 0
    with pytest.raises(NotAllowed):
        await set_done(viewer, one, is_done=True)
    with pytest.raises(NotFound):
        await set_done(stranger, one, is_done=True)
    with pytest.raises(NotFound):
        await get_suggestion(stranger, one.key)
    with pytest.raises(NotFound):
        await list_suggestions(stranger, SuggestionQuery(application_id=place.application.key))
    with pytest.raises(NotAllowed):
        await list_suggestions(replace(place.scope, kind="application"), SuggestionQuery())
