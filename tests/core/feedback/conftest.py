"""A place with answers to rate."""

from datetime import timedelta
from typing import Any

import pytest

from core import clock
from core.documents import ExecutionLog
from tests.places import Place, a_place


@pytest.fixture
async def place(database: object) -> Place:  # noqa: ARG001 - opened for its effect
    return await a_place()


async def an_answer(place: Place, *, minutes_ago: int = 0, **fields: Any) -> ExecutionLog:
    """A stored answer of the place's version."""
    values = {
        "application_id": place.application.key,
        "prompt_version_id": place.version.key,
        "prompt_id": "greet",
        "version": "1.0.0",
        "model_provider": "demo",
        "model_name": "echo",
        "status": "success",
        "output_data": {"text": "Hello"},
        "created_at": clock.now() - timedelta(minutes=minutes_ago),
        **fields,
    }
    return await ExecutionLog.model_validate(values).insert()
