import asyncio
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

from core.errors import GuardrailBlocked
from core.execution.run import run
from core.guardrails.hooks import MAX_FINDINGS, Finished, Hook, register_hook, remove_hook
from core.providers.scripted import ScriptedProvider
from core.values.finding import Finding
from tests.builders import a_body
from tests.places import Place, a_place, an_engine, the_row

NOTED = Finding(code="noted", message="It was seen.")
ENGINE = an_engine(ScriptedProvider(["Hello Ada"]))


class Seeing:
    name = "seeing"

    def __init__(self) -> None:
        self.seen: list[Finished] = []

    def audit(self, finished: Finished) -> list[Finding]:
        self.seen.append(finished)
        return [NOTED]


class Waiting(Seeing):
    name = "waiting"

    async def audit(self, finished: Finished) -> list[Finding]:  # pyright: ignore[reportIncompatibleMethodOverride] -- the protocol allows both kinds
        await asyncio.sleep(0.01)
        return super().audit(finished)


class Broken:
    def __init__(self, name: str, found: Any) -> None:
        self.name = name
        self.found = found

    def audit(self, finished: Finished) -> Any:
        del finished
        return self.found()


@contextmanager
def hooked(*hooks: Hook) -> Generator[None]:
    for hook in hooks:
        register_hook(hook)
    try:
        yield
    finally:
        for hook in hooks:
            remove_hook(hook.name)


@pytest.fixture
async def place(database: object) -> Place:  # noqa: ARG001 -- opened for its effect
    return await a_place()


async def test_a_hook_sees_a_success_and_its_findings_stand_in_the_row(place: Place) -> None:
    seeing, waiting = Seeing(), Waiting()

    with hooked(seeing, waiting):
        result = await run(place.scope, place.request(), engine=ENGINE)

    row = await the_row(result.execution_id)
    assert row.status == "success"
    assert [(one["hook"], one["code"]) for one in row.findings] == [
        ("seeing", "noted"),
        ("waiting", "noted"),
    ]
    (finished,) = seeing.seen
    assert finished.execution_id == str(row.key)
    assert (finished.status, finished.answer) == ("success", "Hello Ada")
    assert [message.content for message in finished.messages] == ["Say hello to Ada."]


@pytest.mark.parametrize(
    ("policy", "answer"),
    [
        ({"pre_validation": {"enabled": True, "validators": ["size:1"]}}, None),
        ({"post_validation": {"enabled": True, "prohibited_terms": ["Ada"]}}, "Hello Ada"),
    ],
)
async def test_a_hook_sees_what_was_blocked(
    place: Place, policy: dict[str, Any], answer: str | None
) -> None:
    seeing = Seeing()
    request = place.request(body=a_body(guardrail_config=policy))

    with hooked(seeing), pytest.raises(GuardrailBlocked):
        await run(place.scope, request, engine=ENGINE)

    row = await the_row()
    (finished,) = seeing.seen
    assert (finished.status, finished.answer, row.status) == ("blocked", answer, "blocked")
    assert [one["code"] for one in row.findings] == ["noted"]
    assert not all(verdict.passed for verdict in finished.verdicts)


async def test_no_hook_breaks_a_run_or_holds_it_up_for_long(place: Place) -> None:
    hooks = (
        Broken("raises", lambda: 1 / 0),
        Broken("hangs", lambda: time.sleep(4)),
        Broken("returns_nonsense", lambda: [{"code": "NO SUCH", "message": "x"}]),
        Broken("returns_nothing", lambda: None),
        Broken("floods", lambda: (NOTED for _ in iter(int, 1))),
    )
    started = time.monotonic()

    with hooked(*hooks):
        result = await run(place.scope, place.request(), engine=ENGINE)

    row = await the_row(result.execution_id)
    codes = [(one["hook"], one["code"]) for one in row.findings]
    assert time.monotonic() - started < 3.5
    assert row.status == "success"
    assert row.latency_ms is not None
    assert row.latency_ms < 1000
    assert codes[:4] == [
        ("raises", "hook_failed"),
        ("hangs", "hook_timeout"),
        ("returns_nonsense", "hook_failed"),
        ("returns_nothing", "hook_failed"),
    ]
    assert len(codes) == 4 + MAX_FINDINGS


def test_a_name_is_given_once() -> None:
    with hooked(Seeing()), pytest.raises(ValueError, match="another audit hook"):
        register_hook(Seeing())
