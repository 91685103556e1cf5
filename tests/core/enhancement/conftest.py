"""A place whose prompt can be rewritten."""

import pytest

from tests.places import Place, a_place


@pytest.fixture
async def place(database: object) -> Place:  # noqa: ARG001 -- opened for its effect
    return await a_place()
