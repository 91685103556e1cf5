"""Counting in Redis: shared by processes, and going on without it."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import suppress
from pathlib import Path
from shutil import which

import pytest
from pydantic import SecretStr, ValidationError

from core.accounts.throttle import SignInThrottle
from core.errors import RateLimited
from core.rate_limits import RateLimits
from core.settings import RedisSettings
from tests.browser.app_process import free_port

Connect = Callable[[], RateLimits]


class Redis:
    """A Redis of our own on loopback that can be frozen, stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = ("--port", str(self.port), "--save", "", "--appendonly", "no")
        self._process = subprocess.Popen(
            ["redis-server", "--bind", "127.0.0.1", "--dir", str(self._folder), *options],
            stdout=subprocess.DEVNULL,
        )
        for _ in range(500):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.1):
                return
            time.sleep(0.02)
        self.stop()
        pytest.fail("Redis does not start")

    def tell(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Redis]:
    if which("redis-server") is None:
        pytest.skip("needs redis-server, which .ci/run installs")
    redis = Redis(tmp_path_factory.mktemp("redis"))
    redis.start()
    yield redis
    redis.stop()


@pytest.fixture
async def connect(server: Redis) -> AsyncGenerator[Connect]:
    """Return what opens the limits of one more process."""
    opened: list[RateLimits] = []

    def connect_one() -> RateLimits:
        url = SecretStr(f"redis://127.0.0.1:{server.port}/0")
        opened.append(RateLimits.from_settings(RedisSettings(url=url)))
        return opened[-1]

    yield connect_one
    for one in opened:
        await one.close()


async def test_processes_count_together(connect: Connect) -> None:
    one, other = connect(), connect()
    left = [
        (await one.take("executions", "together", limit=4)).remaining,
        (await other.take("executions", "together", limit=4)).remaining,
        (await one.take("executions", "together", limit=4)).remaining,
        (await other.take("executions", "together", limit=4)).remaining,
    ]

    with pytest.raises(RateLimited) as refused:
        await one.take("executions", "together", limit=4)

    assert left == [3, 2, 1, 0]
    assert 60 < refused.value.retry_after_seconds <= 120


async def test_a_high_limit_is_never_passed_by_many_at_once(connect: Connect) -> None:
    processes = [connect() for _ in range(4)]

    async def take(limits: RateLimits) -> int:
        taken = 0
        with suppress(RateLimited):
            for _ in range(4000):
                await limits.take("requests", "many", limit=4000)
                taken += 1
        return taken

    taken = await asyncio.gather(*(take(one) for one in processes for _ in range(2)))

    # Not more, and no more fewer than what the other processes hold.
    assert 4000 - 4 * 2 * 4 <= sum(taken) <= 4000


async def test_failed_sign_ins_are_counted_for_all_processes(connect: Connect) -> None:
    one = SignInThrottle(connect(), per_account=3, per_address=100)
    other = SignInThrottle(connect(), per_account=3, per_address=100)
    for throttle in (one, other, one):
        await throttle.check("ada@example.org", "10.0.0.1")
        await throttle.record_failure("ada@example.org", "10.0.0.1")

    with pytest.raises(RateLimited) as braked:
        await other.check("ada@example.org", "10.0.0.2")

    assert 890 <= braked.value.retry_after_seconds <= 900


@pytest.mark.parametrize("goes_away", ["frozen", "stopped"])
async def test_without_redis_counting_goes_on_and_comes_back(
    server: Redis, connect: Connect, goes_away: str, caplog: pytest.LogCaptureFixture
) -> None:
    limits = connect()
    await limits.take("executions", goes_away, limit=2)
    if goes_away == "frozen":
        server.tell(signal.SIGSTOP)
    else:
        server.stop()

    for _ in range(2):
        await limits.take("executions", goes_away, limit=2)
    with pytest.raises(RateLimited):
        await limits.take("executions", goes_away, limit=2)
    was_away = limits.is_shared_away
    if goes_away == "frozen":
        server.tell(signal.SIGCONT)
    else:
        server.start()
    async with asyncio.timeout(10):
        while limits.is_shared_away:
            await asyncio.sleep(0.1)
            await limits.take("executions", "somebody else", limit=1000)

    assert was_away
    assert [one.message for one in caplog.records] == [
        "Redis is away; limits are counted per process.",
        "Redis is back; limits are shared again.",
    ]


def test_the_url_is_checked_without_quoting_it() -> None:
    with pytest.raises(ValidationError) as refused:
        RedisSettings(url=SecretStr("http://:canary-secret@localhost"))

    assert "redis://" in str(refused.value.errors(include_input=False))
    assert "canary-secret" not in str(refused.value)
