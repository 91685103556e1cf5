"""Scopes of API keys and superusers, and what is no key."""

import asyncio

import pytest

from core.accounts.access import scope_of_key, scope_of_user
from core.accounts.applications import (
    deactivate_application,
)
from core.documents import Application
from tests.builders import a_user, an_application
from tests.core.accounts.conftest import created, works

pytestmark = pytest.mark.usefixtures("database")


async def test_a_key_sees_its_own_application_as_a_viewer() -> None:
    application, api_key = await created(await a_user())

    scope, found = await scope_of_key(api_key.get_secret_value())

    assert found.key == application.key
    assert scope.kind == "application"
    assert dict(scope.roles) == {application.key: "viewer"}


async def test_near_misses_of_a_key_are_refused() -> None:
    _, api_key = await created(await a_user())
    key = api_key.get_secret_value()
    last = "A" if key[-1] != "A" else "B"

    misses = [key.swapcase(), key[:-1], key + "A", key[:-1] + last, key[3:], f" {key}", f"{key}\n"]
    misses += ["", "ph_", "ph_" + "\ud800" * 43, "ph_" + "x" * 100_000]

    assert [await works(miss) for miss in misses] == [False] * len(misses)
    assert await works(key)


async def test_the_last_use_of_a_key_is_written_once_a_minute() -> None:
    application, api_key = await created(await a_user())

    await asyncio.gather(*(scope_of_key(api_key.get_secret_value()) for _ in range(5)))
    first = await Application.get(application.key)
    await scope_of_key(api_key.get_secret_value())
    second = await Application.get(application.key)

    assert first is not None
    assert second is not None
    assert first.api_key_last_used_at is not None
    assert second.api_key_last_used_at == first.api_key_last_used_at
    assert second.revision == application.revision


async def test_superusers_are_admin_everywhere() -> None:
    root = await a_user(is_superuser=True)
    application = await an_application()

    scope = await scope_of_user(root)

    assert scope.role_in(application.key) == "admin"
    assert await deactivate_application(scope, application.key)
