"""Own the only way from a page to the event loop: `run` a coroutine, `multiplex` streams."""

import asyncio
import queue
import threading
from collections.abc import AsyncGenerator, Coroutine, Generator, Mapping
from concurrent.futures import Future
from contextlib import aclosing
from typing import Any, Generic, NamedTuple, TypeVar

from pymongo.errors import PyMongoError

from core.database.outage import find_outage
from core.errors import Unavailable

T = TypeVar("T")
K = TypeVar("K")

TICK_SECONDS = 0.1


class Item(NamedTuple, Generic[K, T]):
    """The stream `key` gave `value`."""

    key: K
    value: T


class Ended(NamedTuple, Generic[K]):
    """The stream `key` is exhausted."""

    key: K


class Failed(NamedTuple, Generic[K]):
    """The stream `key` raised `error`; the other streams go on."""

    key: K
    error: Exception


class Tick(NamedTuple):
    """Nothing came for a moment: the page may draw what it has, and can be interrupted."""


class _Home:
    """The one event loop that owns the database client and the providers."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = _start_loop_thread()
            return self._loop


_home = _Home()


def attach(loop: asyncio.AbstractEventLoop) -> None:
    """Make `loop` the one every page uses; the server calls this once, with its own loop.

    Where nobody attached one (tests of pages), a loop in a daemon thread is started at first use.
    """
    _home.attach(loop)


def run(coroutine: Coroutine[Any, Any, T], *, timeout_seconds: float = 60) -> T:
    """Run the coroutine on the event loop and return its result; the script thread waits.

    Gather what one page needs into one call: the round trips overlap, the bridge costs nothing.

    Raises:
        Unavailable: there was no result within `timeout_seconds` (the coroutine is cancelled), or
            the database is away.
        RuntimeError: called on the event loop itself, where waiting would block for ever.
    """
    future = _submit(coroutine)
    try:
        return future.result(timeout_seconds)
    except TimeoutError as error:
        if future.done():
            raise  # the coroutine itself raised it
        raise Unavailable(
            f"There was no answer within {timeout_seconds:.0f} s.",
            what="server",
            remedy="Try again in a moment.",
        ) from error
    except PyMongoError as error:
        outage = find_outage(error)
        if outage is None:
            raise
        raise outage from error
    finally:
        future.cancel()


def multiplex(
    streams: Mapping[K, AsyncGenerator[T, None]],
) -> Generator[Item[K, T] | Ended[K] | Failed[K] | Tick, None, None]:
    """Yield what the streams give, as it arrives; one slow or failing stream holds up no other.

    Wrap it in `contextlib.closing`: leaving early, also by a rerun of the page, cancels every
    stream at once, so that no tokens are paid for nobody. Draw at most once per `Tick` or
    50 ms; resending a growing text for each token costs eight times the traffic.
    """
    arrivals: queue.SimpleQueue[Item[K, T] | Ended[K] | Failed[K]] = queue.SimpleQueue()
    futures = [_submit(_pump(key, stream, arrivals)) for key, stream in streams.items()]
    open_streams = len(futures)
    try:
        while open_streams:
            try:
                arrival = arrivals.get(timeout=TICK_SECONDS)
            except queue.Empty:
                yield Tick()
                continue
            open_streams -= not isinstance(arrival, Item)
            yield arrival
    finally:
        for future in futures:
            future.cancel()


async def _pump(
    key: K,
    stream: AsyncGenerator[T, None],
    arrivals: "queue.SimpleQueue[Item[K, T] | Ended[K] | Failed[K]]",
) -> None:
    try:
        async with aclosing(stream):
            async for value in stream:
                arrivals.put(Item(key, value))
    except PyMongoError as error:
        arrivals.put(Failed(key, find_outage(error) or error))
    except Exception as error:  # noqa: BLE001  # handed to the page, which shows or raises it
        arrivals.put(Failed(key, error))
    else:
        arrivals.put(Ended(key))


def _submit(coroutine: Coroutine[Any, Any, T]) -> Future[T]:
    loop = _home.loop()
    if _running_loop() is loop:
        coroutine.close()
        raise RuntimeError("The bridge was called on the event loop; await the coroutine instead.")
    return asyncio.run_coroutine_threadsafe(coroutine, loop)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _start_loop_thread() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="bridge", daemon=True).start()
    return loop
