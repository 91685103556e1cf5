"""Two hundred clients read at once for a minute, and each gets its answer."""

import asyncio
from pathlib import Path

import pytest

from benchmarks.http import LOAD_CLIENTS, LOAD_SECONDS, prepare, running_api
from benchmarks.http_driver import drive


@pytest.mark.long
def test_two_hundred_clients_get_every_answer(tmp_path: Path) -> None:
    with running_api(tmp_path) as api:
        targets = prepare(api.url)

        load = asyncio.run(drive(targets, LOAD_CLIENTS, LOAD_SECONDS))

    assert set(load.statuses) == {200}
    assert load.count > LOAD_CLIENTS
