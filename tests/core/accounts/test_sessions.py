"""Sessions: how long they last, how they end, and refresh tokens that work once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from pydantic import SecretStr
from pymongo.asynchronous.database import AsyncDatabase

from core import clock
from core.accounts.sessions import (
    Opened,
    Refreshed,
    end_all_sessions,
    end_other_sessions,
    end_session,
    find_session_user,
    find_token_user,
    list_sessions,
    refresh_session,
    start_session,
)
from core.accounts.tokens import Claims, issue_access_token, read_access_token
from core.accounts.users import UserChanges, update_user
from core.documents import AuditEvent, Session, User
from core.errors import NotAuthenticated, NotFound
from core.values.scope import SYSTEM
from tests.builders import a_user

pytestmark = pytest.mark.usefixtures("database")

KEY = SecretStr("k" * 43)


async def opened_for(user: User) -> Opened:
    return await start_session(user, user_agent="Browser", days=14)


async def is_alive(opened: Opened) -> bool:
    return await find_session_user(opened.cookie.get_secret_value()) is not None


async def refreshed(token: SecretStr) -> Refreshed:
    return await refresh_session(token.get_secret_value())


async def move_back(session: Session, by: timedelta) -> None:
    """Let a session have been used last so long ago."""
    await Session.collection().update_one(
        {"_id": session.key},
        {"$set": {"last_seen_at": clock.now() - by, "expires_at": session.expires_at - by}},
    )


async def test_only_digests_are_stored(database: AsyncDatabase[dict[str, Any]]) -> None:
    opened = await opened_for(await a_user())

    stored = str(await database["sessions"].find_one({}))

    assert opened.cookie.get_secret_value() not in stored
    for part in opened.refresh.get_secret_value().split("."):
        assert len(part) == 43
        assert part not in stored


@pytest.mark.parametrize("cookie", ["", "x", "\ud800", "x" * 100_000])
async def test_an_unknown_cookie_is_nobody(cookie: str) -> None:
    await opened_for(await a_user())

    assert await find_session_user(cookie) is None


async def test_a_session_ends_when_it_was_not_used_for_its_days() -> None:
    opened = await opened_for(await a_user())
    await move_back(opened.session, timedelta(days=13))
    assert await is_alive(opened)
    stored = await Session.get(opened.session.key)
    assert stored is not None
    # Being used has put the end off again.
    assert stored.expires_at > clock.now() + timedelta(days=13)

    await move_back(stored, timedelta(days=15))

    assert not await is_alive(opened)


async def test_being_seen_is_written_once_a_minute() -> None:
    opened = await opened_for(await a_user())

    await is_alive(opened)
    early = await Session.get(opened.session.key)
    await move_back(opened.session, timedelta(seconds=61))
    await is_alive(opened)
    late = await Session.get(opened.session.key)

    assert early is not None
    assert late is not None
    assert early.last_seen_at == opened.session.last_seen_at
    assert clock.now() - late.last_seen_at < timedelta(seconds=30)


async def test_people_end_their_own_sessions_only() -> None:
    ada, bob = await a_user(), await a_user("bob@example.org")
    first, second, third = [await opened_for(ada) for _ in range(3)]

    with pytest.raises(NotFound):
        await end_session(bob, first.session.key)
    await end_session(ada, first.session.key)
    with pytest.raises(NotFound):
        await end_session(ada, first.session.key)

    assert [await is_alive(opened) for opened in (first, second, third)] == [False, True, True]
    assert len(await list_sessions(ada)) == 2


async def test_all_sessions_end_at_once() -> None:
    ada = await a_user()
    opened = [await opened_for(ada) for _ in range(2)]

    await end_all_sessions(ada)

    assert not any([await is_alive(one) for one in opened])
    with pytest.raises(NotAuthenticated):
        await refreshed(opened[0].refresh)


async def test_ending_all_sessions_twice_from_one_click_is_one_act() -> None:
    ada = await a_user()

    await asyncio.gather(*(end_all_sessions(ada) for _ in range(3)))

    assert await AuditEvent.find({"action": "session.end_all"}).count() == 1


async def test_a_refresh_token_is_exchanged_for_the_next() -> None:
    opened = await opened_for(await a_user())

    second = await refreshed(opened.refresh)
    third = await refreshed(second.refresh)

    assert third.session.key == opened.session.key
    assert third.refresh.get_secret_value() != second.refresh.get_secret_value()
    assert await is_alive(opened)


async def test_a_used_refresh_token_ends_the_whole_family() -> None:
    opened = await opened_for(await a_user())
    second = await refreshed(opened.refresh)
    third = await refreshed(second.refresh)

    with pytest.raises(NotAuthenticated):
        await refreshed(opened.refresh)

    with pytest.raises(NotAuthenticated):
        await refreshed(third.refresh)
    assert not await is_alive(opened)
    assert await AuditEvent.find({"action": "session.reuse"}).count() == 1


async def test_of_ten_refreshes_at_once_at_most_one_succeeds() -> None:
    opened = await opened_for(await a_user())

    results = await asyncio.gather(
        *(refreshed(opened.refresh) for _ in range(10)), return_exceptions=True
    )

    won = [result for result in results if isinstance(result, Refreshed)]
    assert len(won) <= 1
    assert all(isinstance(result, Refreshed | NotAuthenticated) for result in results)
    for winner in won:
        with pytest.raises(NotAuthenticated):
            await refreshed(winner.refresh)


async def test_no_kind_of_secret_works_as_another() -> None:
    ada = await a_user()
    opened = await opened_for(ada)
    access = issue_access_token(ada, opened.session, KEY, 15)

    for wrong in (access, opened.cookie.get_secret_value(), "", ".", "\ud800.x"):
        with pytest.raises(NotAuthenticated):
            await refresh_session(wrong)
    with pytest.raises(NotAuthenticated):
        read_access_token(opened.refresh.get_secret_value(), KEY)
    assert await find_session_user(opened.refresh.get_secret_value()) is None
    assert await is_alive(opened)


async def test_a_live_access_token_ends_with_its_session() -> None:
    ada = await a_user()
    opened = await opened_for(ada)
    claims = read_access_token(issue_access_token(ada, opened.session, KEY, 15), KEY)
    signed_in = await find_token_user(claims)
    assert signed_in is not None
    assert signed_in.user.key == ada.key

    await end_session(ada, opened.session.key)

    assert await find_token_user(claims) is None


async def test_a_live_access_token_ends_with_its_account() -> None:
    ada = await a_user()
    opened = await opened_for(ada)
    claims = Claims(ada.key, opened.session.key)
    assert await find_token_user(Claims(ObjectId(), opened.session.key)) is None

    await update_user(SYSTEM, ada.key, UserChanges(is_active=False))

    assert await find_token_user(claims) is None
    with pytest.raises(NotAuthenticated):
        await refreshed(opened.refresh)


async def test_an_account_switched_off_in_the_database_is_refused_too() -> None:
    ada = await a_user()
    opened = await opened_for(ada)

    await User.change_one({"_id": ada.key}, {"is_active": False})

    assert not await is_alive(opened)


async def test_the_other_sessions_end_and_the_present_one_stays() -> None:
    ada, bob = await a_user(), await a_user("bob@example.org")
    present, *others = [await opened_for(ada) for _ in range(3)]
    somebodys = await opened_for(bob)

    assert await end_other_sessions(ada, present.session.key) == 2

    assert [await is_alive(one) for one in (present, *others, somebodys)] == [
        True, False, False, True,
    ]  # fmt: skip
    assert await end_other_sessions(ada, present.session.key) == 0
    events = await AuditEvent.find({"action": "session.end_others"}).to_list()
    assert [event.after for event in events] == [{"ended": 2}]
