"""The way from a script thread to the event loop."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import closing

import pytest
from pymongo.errors import OperationFailure, PyMongoError, ServerSelectionTimeoutError

from core.errors import NotFound, Unavailable
from streamlit_app import bridge
from streamlit_app.bridge import Ended, Failed, Item, Tick


async def answer(value: str, *, after_seconds: float = 0) -> str:
    await asyncio.sleep(after_seconds)
    return value


def test_run_returns_the_result_and_raises_the_error() -> None:
    async def refuse() -> None:
        raise NotFound("prompt", "greeting")

    assert bridge.run(answer("Paris")) == "Paris"
    with pytest.raises(NotFound):
        bridge.run(refuse())


def test_run_tells_an_outage_of_the_database_and_leaves_other_errors_as_they_are() -> None:
    async def ask(error: PyMongoError) -> None:
        raise error

    with pytest.raises(Unavailable, match="database"):
        bridge.run(ask(ServerSelectionTimeoutError("no server")))
    with pytest.raises(OperationFailure):
        bridge.run(ask(OperationFailure("wrong", code=2)))


def test_run_gives_up_and_cancels_what_takes_too_long() -> None:
    cancelled: list[bool] = []

    async def wait() -> None:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    with pytest.raises(Unavailable):
        bridge.run(wait(), timeout_seconds=0.05)

    bridge.run(answer("", after_seconds=0.05))
    assert cancelled == [True]


def test_run_on_the_loop_itself_is_refused_rather_than_blocked_for_ever() -> None:
    async def on_the_loop() -> None:
        bridge.run(answer("never"))

    with pytest.raises(RuntimeError, match="await"):
        bridge.run(on_the_loop(), timeout_seconds=2)


async def letters(text: str, *, pause_seconds: float = 0) -> AsyncGenerator[str, None]:
    for letter in text:
        await asyncio.sleep(pause_seconds)
        yield letter


def test_multiplex_yields_the_quick_stream_before_the_slow_one_ends() -> None:
    streams = {"slow": letters("xy", pause_seconds=0.25), "quick": letters("ab")}

    arrivals = list(bridge.multiplex(streams))

    items = [arrival for arrival in arrivals if not isinstance(arrival, Tick)]
    assert items[:3] == [Item("quick", "a"), Item("quick", "b"), Ended("quick")]
    assert items[3:] == [Item("slow", "x"), Item("slow", "y"), Ended("slow")]
    assert Tick() in arrivals


def test_multiplex_tells_a_failure_and_goes_on_with_the_others() -> None:
    async def fail() -> AsyncGenerator[str, None]:
        yield "a"
        raise NotFound("model", "none")

    arrivals = list(bridge.multiplex({"bad": fail(), "good": letters("ok", pause_seconds=0.02)}))

    failures = [arrival for arrival in arrivals if isinstance(arrival, Failed)]
    assert [failure.key for failure in failures] == ["bad"]
    assert Ended("good") in arrivals


def test_leaving_multiplex_cancels_the_streams_at_once() -> None:
    closed: list[str] = []

    async def endless() -> AsyncGenerator[str, None]:
        try:
            while True:
                yield "token"
                await asyncio.sleep(0.01)
        finally:
            closed.append("closed")

    with closing(bridge.multiplex({"model": endless()})) as arrivals:
        next(arrivals)

    deadline = time.monotonic() + 2
    while not closed and time.monotonic() < deadline:
        time.sleep(0.01)
    assert closed == ["closed"]
