"""Finding applications among many, and the names of people one has to do with."""

from decimal import Decimal

import pytest

from core.accounts.access import scope_of_user
from core.accounts.directory import (
    ApplicationQuery,
    find_applications,
    find_people,
    list_names,
    search_people,
    survey_applications,
)
from core.accounts.members import set_member
from core.documents.application import Limits
from core.errors import NotAllowed
from core.values.scope import SYSTEM, Scope
from tests.builders import a_user, an_application
from tests.core.accounts.conftest import created

pytestmark = pytest.mark.usefixtures("database")


async def test_people_find_their_own_applications_and_superusers_all() -> None:
    ada = await a_user()
    await created(ada)
    await an_application(name="Somebody's")
    scope = await scope_of_user(ada)

    mine = await find_applications(scope, ApplicationQuery())
    every = await find_applications(SYSTEM, ApplicationQuery())

    assert ([one.name for one in mine.items], mine.total, mine.visible) == (["Support desk"], 1, 1)
    assert ([one.name for one in every.items], every.total) == (["Somebody's", "Support desk"], 2)
    assert await list_names(scope) == [(mine.items[0].key, "Support desk", True)]
    assert [one.name for one in await list_names(SYSTEM)] == ["Somebody's", "Support desk"]


async def test_the_text_and_the_state_narrow_the_list_and_pages_follow_each_other() -> None:
    for number in range(5):
        await an_application(name=f"App (x) {number}", is_active=number != 1)
    await an_application(name="Other")

    found = await find_applications(SYSTEM, ApplicationQuery(text="pp (X)"), skip=1, limit=2)
    off = await find_applications(SYSTEM, ApplicationQuery(is_active=False))

    assert ([one.name for one in found.items], found.total, found.visible) == (
        ["App (x) 1", "App (x) 2"],
        5,
        6,
    )
    assert [one.name for one in off.items] == ["App (x) 1"]


async def test_what_figures_of_all_applications_depend_on_is_that_of_the_own() -> None:
    ada = await a_user()
    await created(ada)
    limits = Limits(monthly_budget_usd=Decimal(5))
    await an_application(name="Limited", time_zone="Europe/Paris", limits=limits)

    mine = await survey_applications(await scope_of_user(ada))
    every = await survey_applications(SYSTEM)

    assert mine == (1, {"UTC"}, [])
    assert (every.total, every.time_zones) == (2, {"UTC", "Europe/Paris"})
    assert [one.name for one in every.limited] == ["Limited"]


async def test_names_of_people_are_known_to_those_who_share_an_application() -> None:
    ada, bob, eve = [await a_user(f"{name}@example.org") for name in ("ada", "bob", "eve")]
    application, _ = await created(ada)
    await set_member(SYSTEM, application.key, bob.key, "viewer")
    ids = [ada.key, bob.key, eve.key]

    assert set(await find_people(SYSTEM, ids)) == set(ids)
    assert set(await find_people(await scope_of_user(bob), ids)) == {ada.key, bob.key}
    assert await find_people(await scope_of_user(eve), ids) == {}


async def test_a_key_finds_nothing() -> None:
    key = Scope(kind="application", roles={(await an_application()).key: "viewer"})

    with pytest.raises(NotAllowed):
        await find_applications(key, ApplicationQuery())
    with pytest.raises(NotAllowed):
        await find_people(key, [])


async def test_people_are_searched_among_those_that_one_may_know() -> None:
    ada, bob, eve = [await a_user(f"{name}@example.org") for name in ("ada", "bob", "eve")]
    application, _ = await created(ada)
    await set_member(SYSTEM, application.key, bob.key, "viewer")

    first = await search_people(SYSTEM, "A", limit=1)
    known = await search_people(await scope_of_user(bob), "", limit=9)

    assert [one.key for one in first] == [ada.key]
    assert [one.key for one in known] == [ada.key, bob.key]
    assert [one.key for one in await search_people(SYSTEM, "eve@", limit=9)] == [eve.key]
    assert await search_people(await scope_of_user(bob), "eve@", limit=9) == []


async def test_admins_are_told_apart_from_others() -> None:
    ada, bob = await a_user("ada@example.org"), await a_user("bob@example.org")
    application, _ = await created(ada)
    await set_member(SYSTEM, application.key, bob.key, "operator")
    query = ApplicationQuery(administered=True)

    mine = await find_applications(await scope_of_user(ada), query)
    his = await find_applications(await scope_of_user(bob), query)

    assert (mine.visible, his.visible) == (1, 0)
