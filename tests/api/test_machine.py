"""Any sequence of steps over REST leaves what a model in plain Python says."""

import sys
import time
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.api.machine import PromptMachine
from tests.api.served import Served, served, settings_of_served

LONG_SECONDS = 240
UNHURRIED = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)


@pytest.fixture(scope="module")
def api(
    mongo_uri: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Served]:
    folder = tmp_path_factory.mktemp("machine")
    with served(settings_of_served(mongo_uri, f"{worker_id}_machine", folder)) as api:
        yield api


@pytest.fixture
def machine(api: Served) -> type[PromptMachine]:
    PromptMachine.api = api
    PromptMachine.owner = api.run(api.visitor.signed_up_or_in("ada@example.org"))
    PromptMachine.colleague = api.run(api.visitor.signed_up_or_in("bob@example.org"))
    PromptMachine.stranger = api.run(api.visitor.signed_up_or_in("eve@example.org"))
    me = api.ask(PromptMachine.colleague, "GET", "/auth/me").json()
    PromptMachine.colleague_id = me["id"]
    return PromptMachine


def run(machine: type[PromptMachine], *, runs: int, steps: int) -> None:
    chosen = settings(
        max_examples=runs,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=UNHURRIED,
        phases=(Phase.generate,),  # shrinking a sequence of requests takes minutes
    )
    run_state_machine_as_test(machine, settings=chosen)


def test_a_few_sequences_of_steps_do_what_the_model_does(machine: type[PromptMachine]) -> None:
    run(machine, runs=4, steps=15)


@pytest.mark.long
def test_many_sequences_of_steps_do_what_the_model_does(machine: type[PromptMachine]) -> None:
    until, runs = time.monotonic() + LONG_SECONDS, 0
    while time.monotonic() < until:
        run(machine, runs=10, steps=30)
        runs += 10

    sys.stdout.write(f"{runs} runs, {machine.steps} steps\n")
