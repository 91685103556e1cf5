"""Own the background loop: inside the process that serves, or alone (`python -m core.worker`)."""

import asyncio
import logging
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from core import clock, telemetry
from core.accounts.acceptance import repair_invitations
from core.analytics.anomalies.watch import watch_anomalies
from core.analytics.rollup import roll_up
from core.database.open import opened
from core.errors import PromptHubError
from core.execution.record import sweep_orphans
from core.execution.retention import apply_retention
from core.extraction.bulk import bulk_worker
from core.extraction.sources import Extractor, sweep_sources
from core.jobs.run import PAUSE_SECONDS as JOB_PAUSE_SECONDS
from core.prompts.repair import repair_prompts
from core.settings import Settings, read_settings
from core.telemetry import facts

Chore = Callable[[], Awaitable[object]]

# Well below the lease of a running execution (60 s), so that an orphan is seen soon after.
PAUSE_SECONDS: Final = 20.0
CANCEL_SECONDS: Final = 0.5
# How many jobs a process works on; they wait for others most of the time.
JOBS_AT_ONCE: Final = 2
# What an earlier turn of this or another process missed is at most this old; start-up looks at all.
REPAIR_WINDOW: Final = timedelta(minutes=10)

_log = logging.getLogger(__name__)


class Turn(NamedTuple):
    """When a chore was done last, how long it took, and whether it failed."""

    at: datetime
    took_ms: float
    has_failed: bool


# By the name of the chore: what this process has done in the background.
Turns = dict[str, Turn]


async def repair_recent() -> int:
    """Complete saves and publishes that a process which died left undone lately."""
    return await repair_prompts(clock.now() - REPAIR_WINDOW)


CHORES: Final[Mapping[str, Chore]] = {
    "sweep_orphans": sweep_orphans,
    "repair_prompts": repair_recent,
    "repair_invitations": repair_invitations,
    "apply_retention": apply_retention,
    "roll_up": roll_up,
    "watch_anomalies": watch_anomalies,
    "sweep_sources": sweep_sources,
}


@asynccontextmanager
async def working(
    chores: Mapping[str, Chore] = CHORES,
    *,
    pause_seconds: float = PAUSE_SECONDS,
    first_pause_seconds: float = 0,
    turns: Turns | None = None,
) -> AsyncGenerator[None]:
    """Do the chores in the background, again and again, until the block is left.

    The last turn of each is noted in `turns`.
    """
    noted: Turns = {} if turns is None else turns
    working = _keep_working(chores, pause_seconds, first_pause_seconds, noted)
    task = asyncio.create_task(working, name="prompthub-worker")
    try:
        yield
    finally:
        while not task.done():
            task.cancel()
            # Again after a while: `wait_for` of Python 3.11, which the driver uses, can lose one.
            await asyncio.wait({task}, timeout=CANCEL_SECONDS)


@asynccontextmanager
async def doing_jobs(extractor: Extractor, *, turns: Turns | None = None) -> AsyncGenerator[None]:
    """Do background jobs until the block is left; what is not done then is put back."""
    async with AsyncExitStack() as stack:
        for _ in range(JOBS_AT_ONCE):
            chores = {"run_jobs": bulk_worker(extractor).run_next}
            await stack.enter_async_context(
                working(chores, pause_seconds=JOB_PAUSE_SECONDS, turns=turns)
            )
        yield


async def _keep_working(
    chores: Mapping[str, Chore], pause_seconds: float, first_pause_seconds: float, turns: Turns
) -> None:
    await asyncio.sleep(first_pause_seconds)
    while True:
        for name, chore in chores.items():
            watch = clock.Stopwatch()
            has_failed = not await _attempt(name, chore)
            turns[name] = Turn(clock.now(), watch.elapsed_ms(), has_failed)
        await asyncio.sleep(pause_seconds)


async def _attempt(name: str, chore: Chore) -> bool:
    """Do one chore; a failure is logged and must not end the loop (this is a process edge)."""
    try:
        done = await chore()
    except Exception:  # noqa: BLE001 - the process edge of background work
        _log.exception("A background chore failed; it is tried again.", extra=facts(chore=name))
        return False
    if done:
        _log.info("A background chore found work.", extra=facts(chore=name, done=done))
    return True


async def work_alone(settings: Settings) -> None:
    """Open the database and do the chores until SIGINT or SIGTERM.

    Raises:
        NotConfigured, Unavailable: no database can be started or reached.
    """
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    extractor = Extractor(settings.extraction)
    async with opened(settings.mongo, settings.data_dir), working(), doing_jobs(extractor):
        await ended.wait()


def main() -> None:
    """Work until the process is asked to end."""
    try:
        settings = read_settings()
        telemetry.configure(settings.telemetry)
        asyncio.run(work_alone(settings))
    except PromptHubError as error:
        raise SystemExit(f"The worker cannot start. {error.message}") from None


if __name__ == "__main__":
    main()
