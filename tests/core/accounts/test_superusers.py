"""One active superuser always remains, whoever demotes whom at the same moment."""

import asyncio
from datetime import timedelta

import pytest

from core import clock
from core.accounts.access import scope_of_user
from core.accounts.superusers import MARK_LIFE, step_down
from core.accounts.users import UserChanges, update_user
from core.documents import User
from core.errors import Conflict

pytestmark = pytest.mark.usefixtures("database")


async def a_superuser(name: str = "ada", **fields: object) -> User:
    user = User.model_validate(
        {"email": f"{name}@example.org", "password_hash": "", "is_superuser": True, **fields}
    )
    return await user.insert()


async def active_superusers() -> int:
    return await User.find({"is_superuser": True, "is_active": True}).count()


@pytest.mark.parametrize("changes", [{"is_superuser": False}, {"is_active": False}])
async def test_the_last_active_superuser_stays(changes: dict[str, bool]) -> None:
    ada = await a_superuser()
    await a_superuser("inactive", is_active=False)

    with pytest.raises(Conflict):
        await update_user(await scope_of_user(ada), ada.key, UserChanges.model_validate(changes))

    after = await User.get(ada.key)
    assert after is not None
    assert (after.is_superuser, after.is_active, after.stepping_down_at) == (True, True, None)


async def test_one_of_two_may_go() -> None:
    ada, bob = await a_superuser(), await a_superuser("bob")

    gone = await update_user(await scope_of_user(ada), bob.key, UserChanges(is_superuser=False))

    assert not gone.is_superuser
    assert gone.stepping_down_at is None
    assert await active_superusers() == 1


async def test_superusers_who_demote_each_other_at_once_never_all_go() -> None:
    for attempt in range(10):
        everybody = [await a_superuser(f"u{attempt}-{number}") for number in range(3)]
        await User.find({"_id": {"$nin": [user.key for user in everybody]}}).delete()
        scopes = [await scope_of_user(user) for user in everybody]

        results = await asyncio.gather(
            *(
                update_user(scope, other.key, UserChanges(is_superuser=False))
                for scope in scopes
                for other in everybody
                if other.key != scope.user_id
            ),
            return_exceptions=True,
        )

        assert await active_superusers() >= 1
        assert all(isinstance(result, User | Conflict) for result in results)
        assert await User.find({"stepping_down_at": {"$ne": None}}).count() == 0


async def test_somebody_who_is_just_stepping_down_does_not_count() -> None:
    ada = await a_superuser()
    await a_superuser("bob", stepping_down_at=clock.now())

    with pytest.raises(Conflict):
        await step_down(ada, {"is_superuser": False})


async def test_a_mark_left_by_a_crash_is_void_after_a_minute() -> None:
    old = clock.now() - MARK_LIFE - timedelta(seconds=1)
    ada, bob = await a_superuser(), await a_superuser("bob", stepping_down_at=old)

    await step_down(ada, {"is_superuser": False})

    after = await User.get(bob.key)
    assert after is not None
    assert after.stepping_down_at is None
    # The process that had set the mark and slept does not get through any more.
    with pytest.raises(Conflict):
        await step_down(bob, {"is_superuser": False})


async def test_a_change_based_on_an_old_look_is_refused() -> None:
    await a_superuser()
    bob = await a_superuser("bob")
    stale = bob.model_copy()
    await step_down(bob, {"is_superuser": False})

    with pytest.raises(Conflict):
        await step_down(stale, {"is_active": False})
