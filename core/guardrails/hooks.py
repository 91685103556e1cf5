"""Own the audit hooks: functions that see every finished response and may note findings."""

import asyncio
import inspect
import logging
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from itertools import islice
from typing import Any, Final, Literal, Protocol

from core.telemetry import facts
from core.values.finding import Finding
from core.values.messages import Message
from core.values.verdict import Verdict

# A package that brings hooks names them under this group; each entry is an instance.
ENTRY_POINTS: Final = "prompthub.audit_hooks"
HOOK_SECONDS: Final = 2.0
MAX_FINDINGS: Final = 20
# A thread that hangs cannot be ended; with so many at work no other is begun.
MAX_THREADS: Final = 16

_log = logging.getLogger(__name__)
_threads: Final = threading.BoundedSemaphore(MAX_THREADS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A response that was handed on (`success`) or refused by a check (`blocked`).

    `answer` is None where the input was refused. Contents are here also where the application
    keeps none of them in its log.
    """

    execution_id: str
    application_id: str
    prompt_id: str | None
    version: str | None
    model: str
    status: Literal["success", "blocked"]
    messages: tuple[Message, ...]
    answer: str | None
    verdicts: tuple[Verdict, ...]


class Hook(Protocol):
    """A named function of a finished response.

    `audit` may be a coroutine function, else it runs in a thread; several executions call it at
    once. What it raises, and what takes longer than `HOOK_SECONDS`, is noted and harms nothing.
    """

    name: str

    def audit(self, finished: Finished) -> Iterable[Finding] | Awaitable[Iterable[Finding]]:
        """Return what is worth noting, nothing most of the time."""
        ...


_hooks: dict[str, Hook] = {}


def register_hook(hook: Hook) -> None:
    """Let this hook see every response from now on; the name may not be taken.

    Raises:
        ValueError: another hook has the name.
    """
    if _hooks.setdefault(hook.name, hook) is not hook:
        msg = f"There is another audit hook named {hook.name!r}."
        raise ValueError(msg)


def remove_hook(name: str) -> None:
    """Let the hook of this name see nothing any more; without one nothing happens."""
    _hooks.pop(name, None)


async def audit(finished: Finished) -> list[dict[str, str]]:
    """Return the findings of all hooks as rows keep them, after `HOOK_SECONDS` at most."""
    _load_plug_ins()
    found = await asyncio.gather(*(_ask(hook, finished) for hook in _hooks.values()))
    return [entry for entries in found for entry in entries]


@cache
def _load_plug_ins() -> None:
    for entry in entry_points(group=ENTRY_POINTS):
        register_hook(entry.load())


async def _ask(hook: Hook, finished: Finished) -> list[dict[str, str]]:
    try:
        async with asyncio.timeout(HOOK_SECONDS):
            findings = await _call(hook, finished)
    except TimeoutError:
        findings = [Finding(code="hook_timeout", message="The audit hook took too long.")]
    except Exception:  # noqa: BLE001 - the edge to code that is not ours, which may raise anything
        _log.warning("An audit hook failed.", extra=facts(hook=hook.name), exc_info=True)
        findings = [Finding(code="hook_failed", message="The audit hook failed.")]
    return [{"hook": hook.name, **finding.model_dump()} for finding in findings]


async def _call(hook: Hook, finished: Finished) -> Sequence[Finding]:
    if inspect.iscoroutinefunction(hook.audit):
        found: Any = await hook.audit(finished)
        return _checked(found)
    return await _in_thread(lambda: _checked(hook.audit(finished)))


def _checked(found: Any) -> list[Finding]:
    return [Finding.model_validate(one) for one in islice(found, MAX_FINDINGS)]


async def _in_thread(work: Callable[[], list[Finding]]) -> list[Finding]:
    """Do the work in a thread of its own that does not keep the process from ending."""
    if not _threads.acquire(blocking=False):
        raise TimeoutError
    loop = asyncio.get_running_loop()
    done: asyncio.Future[list[Finding]] = loop.create_future()

    def tell(result: list[Finding] | Exception) -> None:
        if done.done():
            return
        if isinstance(result, Exception):
            done.set_exception(result)
        else:
            done.set_result(result)

    def act() -> None:
        try:
            result: list[Finding] | Exception = work()
        except Exception as error:  # noqa: BLE001 - it is raised again where the loop waits
            result = error
        finally:
            _threads.release()
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, result)

    threading.Thread(target=act, name="prompthub-audit-hook", daemon=True).start()
    return await done
