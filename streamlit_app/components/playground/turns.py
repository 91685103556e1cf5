"""Own one turn of a conversation: what was said, and the answer as it arrives or as it ended."""

from dataclasses import dataclass
from typing import NamedTuple

from bson import ObjectId

from core.documents import ExecutionLog
from core.errors import PromptHubError, ProviderTimeout
from prompthub.wire.literals import ExecutionStatus
from streamlit_app.components.execution_card import Figures
from streamlit_app.components.live_run import LiveRun


class Ended(NamedTuple):
    """How a turn ended; `text` may be unfinished, `figures` are there where they are known."""

    status: ExecutionStatus
    text: str
    execution_id: ObjectId | None = None
    figures: Figures | None = None
    error: PromptHubError | None = None

    @classmethod
    def of_run(cls, run: LiveRun) -> "Ended":
        """Return the end of a run of this session."""
        return cls(
            status=_status(run),
            text=run.text,
            execution_id=run.execution_id,
            figures=Figures.of_result(run.result) if run.result else None,
            error=run.error,
        )

    @classmethod
    def of_row(cls, row: ExecutionLog) -> "Ended":
        """Return the end of a run of the log."""
        text: object = row.output_data.get("text")
        return cls(
            status=row.status,
            text=text if isinstance(text, str) else "",
            execution_id=row.key,
            figures=Figures.of_row(row) if row.status == "success" else None,
            error=PromptHubError(row.error_message)
            if row.error_message and row.status != "cancelled"
            else None,
        )


@dataclass
class Turn:
    """Something said ("" for the prompt itself), and its answer: a run, or what is left of one."""

    said: str
    run: LiveRun | None = None
    kept: Ended | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.run is None or self.run.is_over

    def ended(self) -> Ended:
        """Return how it ended, or stands."""
        if self.kept is not None:
            return self.kept
        return Ended("failed", "") if self.run is None else Ended.of_run(self.run)


def _status(run: LiveRun) -> ExecutionStatus:
    if run.was_stopped:
        return "cancelled"
    if run.result:
        return "success"
    return "timeout" if isinstance(run.error, ProviderTimeout) else "failed"
