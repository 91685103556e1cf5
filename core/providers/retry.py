"""Own the calls of one execution: a total deadline, few attempts, waits the provider asks for."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Final

from core.errors import PromptHubError, ProviderError, ProviderOverloaded, ProviderTimeout
from core.providers.base import Chunk, Completion, CompletionRequest, Provider

MAX_CALLS: Final = 4
# Source: AWS Architecture Blog, "Exponential Backoff and Jitter" (full jitter).
FIRST_WAIT_SECONDS: Final = 0.5
LONGEST_WAIT_SECONDS: Final = 8.0


def full_jitter(longest_seconds: float) -> float:
    """Return a random wait between nothing and `longest_seconds`."""
    return random.uniform(0, longest_seconds)  # noqa: S311 -- spreads load, guards nothing


class Attempts:
    """One execution's calls to a provider; `made` counts them.

    Only retryable errors are tried again, never after the first piece of a stream was handed
    on, never beyond `MAX_CALLS`, and never when the wait would pass the deadline.
    """

    def __init__(
        self,
        provider: Provider,
        *,
        deadline_seconds: float,
        jitter: Callable[[float], float] = full_jitter,
    ) -> None:
        self.made = 0
        self._provider = provider
        self._ends_at = asyncio.get_running_loop().time() + deadline_seconds
        self._jitter = jitter
        self._stopped_by: PromptHubError | None = None
        self._timer: asyncio.Timeout | None = None

    def stop(self, error: PromptHubError) -> None:
        """End the call under way, and any later one, with this error."""
        self._stopped_by = error
        self._ends_at = asyncio.get_running_loop().time()
        if self._timer is not None and not self._timer.expired():
            self._timer.reschedule(self._ends_at)

    async def open(self, request: CompletionRequest) -> None:
        """Get the provider ready; the deadline is put off by what that takes.

        Raises:
            NotConfigured, ProviderError: it cannot be asked.
            PromptHubError: what the execution was stopped with meanwhile.
        """
        now = asyncio.get_running_loop().time
        began = now()
        await self._provider.open(request.model)
        if self._stopped_by is not None:
            raise self._stopped_by
        self._ends_at += now() - began

    async def complete(self, request: CompletionRequest) -> Completion:
        """Return the answer of the first call that succeeds.

        Raises:
            ProviderTimeout: the deadline has passed.
            ProviderError: the last call failed, or failed beyond repair.
        """
        while True:
            try:
                async with self._limited():
                    return await self._provider.complete(
                        request, deadline_seconds=self._begin_call()
                    )
            except TimeoutError as error:
                raise self._out_of_time(request) from error
            except ProviderError as error:
                await self._wait_or_raise(error)

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Chunk | Completion]:
        """Yield the pieces and then the `Completion` of the first call that gets so far.

        Raises:
            ProviderTimeout: the deadline has passed.
            ProviderError: the last call failed, or failed after a piece was handed on.
        """
        while True:
            has_begun = False
            try:
                async with aclosing(self._one_stream(request)) as items:
                    async for item in items:
                        has_begun = True
                        yield item
            except ProviderError as error:
                if has_begun:
                    raise
                await self._wait_or_raise(error)
            else:
                return

    async def _one_stream(self, request: CompletionRequest) -> AsyncGenerator[Chunk | Completion]:
        left = self._begin_call()
        async with aclosing(self._provider.stream(request, deadline_seconds=left)) as items:
            while True:
                # The timer runs only while we wait for the provider: across a yield it would
                # cancel whatever the consumer does in the meantime.
                try:
                    async with self._limited():
                        item = await anext(items, None)
                except TimeoutError as error:
                    raise self._out_of_time(request) from error
                if item is None:
                    return
                yield item

    @asynccontextmanager
    async def _limited(self) -> AsyncGenerator[None]:
        async with asyncio.timeout_at(self._ends_at) as timer:
            self._timer = timer
            try:
                yield
            finally:
                self._timer = None

    def _begin_call(self) -> float:
        self.made += 1
        return max(self._left_seconds(), 0.001)

    def _left_seconds(self) -> float:
        return self._ends_at - asyncio.get_running_loop().time()

    async def _wait_or_raise(self, error: ProviderError) -> None:
        longest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (self.made - 1))
        wait = self._jitter(longest)
        if isinstance(error, ProviderOverloaded):
            wait += error.retry_after_seconds
        if not error.is_retryable or self.made >= MAX_CALLS or wait >= self._left_seconds():
            raise error
        try:
            async with self._limited():
                await asyncio.sleep(wait)
        except TimeoutError:
            raise self._stopped_by or error from None

    def _out_of_time(self, request: CompletionRequest) -> PromptHubError:
        return self._stopped_by or ProviderTimeout(
            "The model did not finish within the time allowed for one execution.",
            provider=self._provider.name,
            model=request.model,
        )
