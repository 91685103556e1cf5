"""Own running a comparison: all columns beside each other, each failing on its own."""

import asyncio
import math
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from itertools import product
from typing import Final, NamedTuple

from core.documents import CellState, Comparison, changed
from core.errors import PromptHubError
from core.execution.comparisons import require_editor
from core.execution.recording import execution_of
from core.execution.request import Engine, ExecutionRequest, ExecutionResult, Started
from core.execution.stream import stream as stream_execution
from core.providers.base import Chunk
from core.values.scope import Scope

CANCEL_SECONDS: Final = 0.5
# The state of a cell is written to its end also when the run is cancelled; the event loop holds
# tasks only weakly.
_keeping: set[asyncio.Task[None]] = set()


class Position(NamedTuple):
    """A cell of a comparison, counted from 0."""

    column: int
    input: int
    repetition: int

    @property
    def key(self) -> str:
        """The name of the cell in `Comparison.cells`."""
        return f"{self.column}:{self.input}:{self.repetition}"


@dataclass(frozen=True, slots=True)
class CellEvent:
    """What happened in a cell: it started, a piece came, and at last a result or an error."""

    position: Position
    item: Started | Chunk | ExecutionResult | PromptHubError


@dataclass(frozen=True, slots=True)
class _Run:
    scope: Scope
    comparison: Comparison
    engine: Engine
    gate: asyncio.Semaphore
    lanes: int
    leave: Collection[Position]

    def request(self, position: Position) -> ExecutionRequest:
        column = self.comparison.columns[position.column]
        return ExecutionRequest(
            application_id=self.comparison.application_id,
            prompt_id=column.prompt_id,
            version=column.version,
            body=column.body,
            variables=self.comparison.inputs[position.input],
            model=column.model,
            model_params=column.model_params,
            comparison_id=str(self.comparison.key),
        )


def stream(
    scope: Scope,
    comparison: Comparison,
    *,
    engine: Engine,
    columns: Iterable[int] | None = None,
    leave: Collection[Position] = frozenset(),
) -> dict[int, AsyncGenerator[CellEvent]]:
    """Return a stream of events for each column, or for the `columns` named, to be read at once.

    A cell that fails gives its error as an event and the column goes on. Cells that ran before
    are run again, but for those to `leave` as they are. At most `comparison_at_once` cells run at
    a time, in turn for the columns.
    Close a stream (`contextlib.aclosing`) that is not read to its end: that stops its calls
    upstream, and the other columns go on.

    Raises:
        NotFound: the comparison is not visible.
        NotAllowed: the caller is no editor.
    """
    require_editor(scope, comparison)
    chosen = sorted(set(range(len(comparison.columns)) if columns is None else columns))
    at_once = engine.limits.comparison_at_once
    lanes = math.ceil(at_once / max(1, len(chosen)))
    run = _Run(scope, comparison, engine, asyncio.Semaphore(at_once), lanes, leave)
    return {column: _stream_column(run, column) for column in chosen}


async def compare(
    scope: Scope,
    comparison: Comparison,
    *,
    engine: Engine,
    columns: Iterable[int] | None = None,
) -> None:
    """Run all columns, or those named, to the end; read what came with `report_comparison`.

    Cancelling stops every call upstream.

    Raises:
        NotFound: the comparison is not visible.
        NotAllowed: the caller is no editor.
    """
    streams = stream(scope, comparison, engine=engine, columns=columns)
    ended = await asyncio.gather(
        *(_read_to_end(one) for one in streams.values()), return_exceptions=True
    )
    for error in ended:
        if error is not None:
            raise error


async def _read_to_end(events: AsyncGenerator[CellEvent]) -> None:
    async with aclosing(events):
        async for _ in events:
            pass


async def _stream_column(run: _Run, column: int) -> AsyncGenerator[CellEvent]:
    """Yield the events of a column while its lanes take one cell after another."""
    events: asyncio.Queue[CellEvent | None] = asyncio.Queue()
    positions = _positions(run, column)
    count = min(run.lanes, len(run.comparison.inputs) * run.comparison.repetitions)
    lanes = [asyncio.create_task(_work(run, positions, events.put_nowait)) for _ in range(count)]
    for lane in lanes:
        lane.add_done_callback(lambda _: events.put_nowait(None))
    try:
        working = len(lanes)
        while working:
            event = await events.get()
            if event is None:
                working -= 1
            else:
                yield event
        for lane in lanes:
            lane.result()  # what is no error of ours ends the column
    finally:
        await _stop(lanes)


async def _stop(lanes: list[asyncio.Task[None]]) -> None:
    """Cancel what still runs, again after a while: `wait_for` of Python 3.11 can lose one."""
    while any(not lane.done() for lane in lanes):
        for lane in lanes:
            lane.cancel()
        await asyncio.wait(lanes, timeout=CANCEL_SECONDS)
    await asyncio.gather(*lanes, return_exceptions=True)  # so that no failure is left unseen


def _positions(run: _Run, column: int) -> Iterator[Position]:
    """Yield each input once, then each once more, so that every input is soon seen."""
    rounds, inputs = range(run.comparison.repetitions), range(len(run.comparison.inputs))
    every = (Position(column, at, repetition) for repetition, at in product(rounds, inputs))
    return (position for position in every if position not in run.leave)


async def _work(
    run: _Run, positions: Iterator[Position], tell: Callable[[CellEvent], None]
) -> None:
    for position in positions:
        async with run.gate:
            await _run_cell(run, position, tell)


async def _run_cell(run: _Run, position: Position, tell: Callable[[CellEvent], None]) -> None:
    """Run one cell, and keep its execution as soon as it has one, beside the call."""
    keeping: asyncio.Task[None] | None = None
    try:
        items = stream_execution(run.scope, run.request(position), engine=run.engine)
        async with aclosing(items):
            async for item in items:
                if isinstance(item, Started):
                    state = CellState(execution_id=item.execution_id)
                    keeping = _keep(run.comparison, position, state)
                tell(CellEvent(position, item))
    except PromptHubError as error:
        if keeping is None:
            keeping = _keep(run.comparison, position, _failed(error))
        tell(CellEvent(position, error))
    finally:
        if keeping is not None:
            await asyncio.shield(keeping)


def _failed(error: PromptHubError) -> CellState:
    return CellState(
        execution_id=execution_of(error), error_type=error.code, error_message=error.message
    )


def _keep(comparison: Comparison, position: Position, state: CellState) -> asyncio.Task[None]:
    task = asyncio.create_task(_store(comparison, position, state))
    _keeping.add(task)
    task.add_done_callback(_keeping.discard)
    return task


async def _store(comparison: Comparison, position: Position, state: CellState) -> None:
    await Comparison.collection().update_one(
        {"_id": comparison.key}, changed(**{f"cells.{position.key}": state.model_dump()})
    )
