"""Own the way back from the log: a conversation and the values it was begun with."""

from typing import Any, NamedTuple, cast

from bson import ObjectId

from core.documents import ExecutionLog, Feedback
from core.execution.log import get_execution, get_executions
from core.execution.stream import ExecutionRequest
from core.feedback import find_own_ratings
from core.values.generation import ModelParams
from core.values.messages import Message
from core.values.scope import Scope
from streamlit_app.components.execution_card import model_of
from streamlit_app.components.playground.turns import Ended, Turn

_UNFINISHED = frozenset({"queued", "running"})


class Found(NamedTuple):
    """An execution of the log, the turns that led to it, and the viewer's ratings of them.

    There are no turns where the log keeps no words, or the answer has not ended.
    """

    row: ExecutionLog
    turns: list[Turn]
    ratings: dict[ObjectId, Feedback]

    @property
    def opening(self) -> list[Message]:
        """The messages that the prompt itself was rendered to."""
        rendered = self.row.rendered_messages
        return rendered[: len(rendered) - _added(self.row)]

    def request(self) -> ExecutionRequest:
        """Return what the conversation was begun with, for a saved version."""
        row = self.row
        return ExecutionRequest(
            application_id=row.application_id,
            prompt_id=row.prompt_id,
            version=row.version,
            variables=row.input_data.get("variables", {}),
            model=model_of(row) or None,
            model_params=ModelParams.model_validate(row.input_data.get("model_params", {})),
            metadata={"source": "playground"},
        )


async def find_conversation(scope: Scope, execution_id: ObjectId) -> Found:
    """Return an execution with the conversation that it is the last turn of.

    Raises:
        NotFound: there is none, or the caller cannot see it.
    """
    row = await get_execution(scope, execution_id)
    before = _before(row)
    rows = await get_executions(scope, before) if before else {}
    rows[row.key] = row
    turns = _turns(row, [*before, row.key], rows)
    return Found(row, turns, await find_own_ratings(scope, list(rows)) if turns else {})


def _turns(
    row: ExecutionLog, ids: list[ObjectId], rows: dict[ObjectId, ExecutionLog]
) -> list[Turn]:
    if row.status in _UNFINISHED or not row.rendered_messages:
        return []
    # What was said and answered stands in the last row, whatever has become of the others.
    added = row.rendered_messages[len(row.rendered_messages) - _added(row) :]
    said = ["", *(message.content for message in added[1::2])]
    answers = [message.content for message in added[::2]]
    turns: list[Turn] = []
    for at, key in enumerate(ids):
        known = rows.get(key)
        ended = Ended.of_row(known) if known else Ended("success", "")
        if at < len(answers):
            ended = ended._replace(text=answers[at])
        turns.append(Turn(said[at], kept=ended._replace(execution_id=known.key if known else None)))
    return turns


def _before(row: ExecutionLog) -> list[ObjectId]:
    """Return the executions of the turns before, as the playground has noted them."""
    noted: object = row.metadata.get("conversation")
    if row.metadata.get("source") != "playground" or not isinstance(noted, list):
        return []
    ids = [str(one) for one in cast("list[Any]", noted)]
    # Metadata are anybody's words: what does not fit the messages is no conversation.
    if not all(map(ObjectId.is_valid, ids)) or 2 * len(ids) >= len(row.rendered_messages):
        return []
    return [ObjectId(one) for one in ids]


def _added(row: ExecutionLog) -> int:
    return 2 * len(_before(row))
