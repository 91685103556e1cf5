"""Made-up streams of executions and ratings, and what a plain count of them gives."""

import math
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bson import ObjectId

from core.analytics.question import Question
from core.documents import Application, ExecutionLog, Feedback

STATUSES = ("success", "success", "success", "failed", "timeout", "blocked", "cancelled")
MODELS = (("openai", "gpt-4o-mini"), ("anthropic", "claude-haiku-4-5"))
VERSIONS = {"1.0.0": ObjectId(), "1.1.0": ObjectId()}
USERS = (None, ObjectId(), ObjectId())


async def an_application(zone: str) -> Application:
    key = ObjectId()
    return await Application(
        name=f"In {zone}",
        owner_id=key,
        api_key_hash=str(key),
        api_key_prefix="ph_",
        time_zone=zone,
    ).insert()


def a_run(
    chance: random.Random, application_id: ObjectId, created_at: datetime, **fields: Any
) -> ExecutionLog:
    """Return an execution with figures drawn by `chance`, not stored."""
    status = chance.choice(STATUSES)
    provider, model = chance.choice(MODELS)
    version = chance.choice(list(VERSIONS))
    was_called = status in {"success", "timeout"}
    cost = Decimal(chance.randrange(1, 10**9)).scaleb(-chance.randrange(9, 16))
    is_known = was_called and chance.random() < 0.8
    return ExecutionLog.model_validate(
        {
            "application_id": application_id,
            "prompt_id": "greet",
            "version": version,
            "prompt_version_id": VERSIONS[version],
            "user_id": chance.choice(USERS),
            "model_provider": provider,
            "model_name": model,
            "status": status,
            "created_at": created_at,
            "latency_ms": math.exp(chance.gauss(6, 1.5)) if was_called else None,
            "time_to_first_token_ms": chance.uniform(20, 900) if was_called else None,
            "input_tokens": chance.randrange(5000) if was_called else None,
            "output_tokens": chance.randrange(900) if was_called else None,
            "token_count": 1 if was_called else None,
            "cost_usd": cost if is_known else None,
            "cost_status": "priced" if is_known else "unknown",
            **fields,
        }
    )


def moments(chance: random.Random, start: datetime, end: datetime, count: int) -> list[datetime]:
    """Return moments of a span, many of them close to full quarters of an hour."""
    seconds = int((end - start).total_seconds())
    found: list[datetime] = []
    for _ in range(count):
        moment = start + timedelta(seconds=chance.randrange(seconds))
        if chance.random() < 0.3:
            moment = moment.replace(minute=chance.choice((0, 15, 30, 45)), second=0)
        found.append(max(start, moment))
    return found


async def rate(chance: random.Random, run: ExecutionLog, created_at: datetime) -> Feedback:
    return await Feedback(
        prompt_version_id=run.prompt_version_id,
        execution_id=run.key,
        user_id=ObjectId(),
        rating=chance.choice((1, 2, 3, 4, 5)),
        created_at=created_at,
        updated_at=created_at,
    ).insert()


@dataclass
class Counted:
    """What a plain count gives for one group."""

    runs: int = 0
    by_status: dict[str, int] = field(default_factory=dict[str, int])
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    cost_unknown: int = 0
    stars: list[int] = field(default_factory=lambda: [0] * 5)
    latencies: list[float] = field(default_factory=list[float])

    def quantile(self, share: float) -> float | None:
        ranked = sorted(self.latencies)
        return ranked[max(1, math.ceil(share * len(ranked) - 1e-9)) - 1] if ranked else None


Place = tuple[int, tuple[str | None, ...]]


async def count_plainly(
    question: Question, applications: Sequence[ObjectId]
) -> dict[Place, Counted]:
    """Count the rows of the log one by one, grouped by bucket and by version and model."""
    window = question.window
    found: dict[Place, Counted] = defaultdict(Counted)
    ours = {"application_id": {"$in": list(applications)}}
    runs = {run.key: run for run in await ExecutionLog.find(ours).to_list()}
    for run in runs.values():
        if window.start <= run.created_at < window.end and run.status not in {"running", "queued"}:
            _add(found[window.place_of(run.created_at), _names(run)], run)
    for one in await Feedback.find_all().to_list():
        run = runs.get(one.execution_id or ObjectId())
        if run is not None and window.start <= one.created_at < window.end:
            found[window.place_of(one.created_at), _names(run)].stars[one.rating - 1] += 1
    return found


def _names(run: ExecutionLog) -> tuple[str | None, ...]:
    return (run.version, f"{run.model_provider}/{run.model_name}", run.status)


def _add(counted: Counted, run: ExecutionLog) -> None:
    counted.runs += 1
    counted.by_status[run.status] = counted.by_status.get(run.status, 0) + 1
    counted.input_tokens += run.input_tokens or 0
    counted.output_tokens += run.output_tokens or 0
    counted.cost_usd += run.cost_usd or 0
    counted.cost_unknown += run.cost_usd is None and run.token_count is not None
    if run.latency_ms is not None:
        counted.latencies.append(run.latency_ms)
