"""Own the commands about figures and about what is to be forgotten."""

from argparse import ArgumentTypeError, Namespace
from datetime import UTC, datetime, timedelta
from typing import Final

from bson import ObjectId

from core.admin.accounts import find_user
from core.admin.console import Progress, say
from core.analytics.rollup import rebuild
from core.database.open import opened
from core.errors import Invalid
from core.execution import erasure
from core.execution.erasure import Erased
from core.settings import Settings
from core.values.scope import SYSTEM

# How often progress is shown.
_PIECES: Final = 100


async def rebuild_rollups(settings: Settings, arguments: Namespace) -> None:
    """Count the figures of a span of time again from the log.

    Raises:
        Invalid: it ends before it starts.
    """
    start, end = arguments.start, arguments.end
    if start >= end:
        raise Invalid("The span ends before it starts.", field="END")
    length = max((end - start) / _PIECES, timedelta(days=1))
    total = -(-(end - start) // length)
    show = Progress()
    async with opened(settings.mongo, settings.data_dir):
        for done in range(total):
            await rebuild(start + done * length, min(start + (done + 1) * length, end))
            show(done + 1, total)
    say(
        f"The figures from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC are those of the log."
    )


async def erase_execution(settings: Settings, arguments: Namespace) -> None:
    """Erase what was said in one execution.

    Raises:
        NotFound: there is none.
        Conflict: it is still running.
    """
    async with opened(settings.mongo, settings.data_dir):
        say(_describe(await erasure.erase_execution(SYSTEM, arguments.execution_id)))


async def erase_user(settings: Settings, arguments: Namespace) -> None:
    """Erase what one person said.

    Raises:
        NotFound: there is no such account.
    """
    async with opened(settings.mongo, settings.data_dir):
        user = await find_user(arguments.email)
        say(_describe(await erasure.erase_user(SYSTEM, user.key)))


def _describe(erased: Erased) -> str:
    told = f"Erased: the words of {erased.executions} executions and {erased.ratings} ratings."
    if erased.examples or erased.sources:
        told += f" Deleted: {erased.examples} saved examples, {erased.sources} texts or files."
    return f"{told} {erased.running} are running; repeat it later." if erased.running else told


def to_moment(text: str) -> datetime:
    """Return a date or a moment, in UTC where no offset is given.

    Raises:
        ArgumentTypeError: it is neither.
    """
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        msg = "write a date such as 2026-11-20, or a moment such as 2026-11-20T10:00"
        raise ArgumentTypeError(msg) from None


def to_id(text: str) -> ObjectId:
    """Return an id.

    Raises:
        ArgumentTypeError: it is none.
    """
    if not ObjectId.is_valid(text):
        msg = "an id has 24 hexadecimal digits"
        raise ArgumentTypeError(msg)
    return ObjectId(text)
