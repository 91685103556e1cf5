"""Whatever is sent to any operation of the description is answered as the description says."""

import sys
import time
from collections.abc import Generator
from typing import Any, cast

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import openapi
from schemathesis.specs.openapi import checks as openapi_checks

from core.api.app import create_api
from core.api.openapi import describe_api
from core.settings import ApiSettings
from tests.api.people import Visitor, add_desk
from tests.api.served import Served, served, settings_of_served
from tests.api.walk import parts_of

SCHEMA: Any = openapi.from_dict(describe_api(create_api(ApiSettings()), prefix="/api"))
OPERATIONS: list[Any] = [one.ok() for one in SCHEMA.get_all_operations()]
LABELS: list[str] = [one.label for one in OPERATIONS]
NAMED: Any = openapi_checks
CHECKS: list[Any] = [
    NAMED.status_code_conformance,
    NAMED.content_type_conformance,
    NAMED.response_headers_conformance,
    NAMED.response_schema_conformance,
]
QUICK = 2
# Together more than the 20 000 cases of `make test-long`, where the machine makes them in time.
LONG, AT_ONCE, LONG_SECONDS = 290, 58, 420
UNHURRIED = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)
EMAIL = "ada@example.org"
LOOPBACK = "http://127.0.0.1:9/v1"


class Desk:
    """Somebody who may do everything, and what they do it to; a new one for every operation."""

    def __init__(self, api: Served) -> None:
        self.api = api
        api.run(api.visitor.signed_up(EMAIL))
        self.count = self.asked = 0
        self.renew()

    def renew(self) -> None:
        self.who = self.api.run(self.api.visitor.signed_in(EMAIL))
        self.count += 1
        desk = self.api.run(add_desk(self.api.visitor, self.who, f"greeting-{self.count}"))
        me = self.api.ask(self.who, "GET", "/auth/me").json()["id"]
        self.parts = parts_of(desk, user_id=me, session_id=me, execution_id=me, invitation_id=me)

    def send(self, case: Any) -> httpx2.Response:
        """Send a case; who was signed out by one signs in and asks again."""
        self.asked += 1
        answer = self._send(case, self.who)
        if answer.status_code == 401:
            self.who = self.api.run(self.api.visitor.signed_in(EMAIL))
            answer = self._send(case, self.who)
        return answer

    def _send(self, case: Any, who: Visitor) -> httpx2.Response:
        sent = case.as_transport_kwargs(base_url="http://localhost")
        names = ("method", "url", "params", "headers", "json", "content")
        options = {name: sent[name] for name in names if sent.get(name) is not None}
        if "data" in sent:
            options["content"] = sent["data"]
        options["headers"] = {**dict(options.get("headers", {})), **who.headers}
        answer: httpx2.Response = self.api.run(who.client.request(**options))
        return answer


@pytest.fixture(scope="module")
def desk(
    mongo_uri: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Desk]:
    chosen = settings_of_served(mongo_uri, f"{worker_id}_fuzz", tmp_path_factory.mktemp("fuzz"))
    with served(chosen) as api:
        desk = Desk(api)
        yield desk
    sys.stdout.write(f"{desk.asked} cases\n")


def check(desk: Desk, case: Any, *, is_real: bool) -> None:
    if is_real:
        case.path_parameters.update(
            {name: desk.parts[name] for name in case.path_parameters if name in desk.parts}
        )
    if isinstance(case.body, dict):
        keep_inside(cast("dict[str, Any]", case.body), desk)

    answer = desk.send(case)

    assert answer.status_code != 500, answer.text
    case.validate_response(answer, checks=CHECKS)


def keep_inside(body: dict[str, Any], desk: Desk) -> None:
    """Let no case dial anything but this machine, nor take the account away from the tests."""
    if isinstance(body.get("base_url"), str):
        body["base_url"] = LOOPBACK
    if "application_id" in body:
        body["application_id"] = desk.parts["application_id"]
    for name in ("is_active", "is_superuser", "new_password"):
        body.pop(name, None)


def fuzz(desk: Desk, operation: Any, examples: int) -> None:
    desk.renew()

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=UNHURRIED)
    @given(case=operation.as_strategy(), is_real=st.integers(0, 3).map(bool))
    def run(case: Any, is_real: bool) -> None:
        check(desk, case, is_real=is_real)

    run()


@pytest.mark.parametrize("operation", OPERATIONS, ids=LABELS)
def test_any_request_is_answered_as_described(desk: Desk, operation: Any) -> None:
    fuzz(desk, operation, QUICK)


@pytest.mark.long
@pytest.mark.parametrize("operation", OPERATIONS, ids=LABELS)
def test_any_of_many_requests_is_answered_as_described(desk: Desk, operation: Any) -> None:
    until = time.monotonic() + LONG_SECONDS / len(OPERATIONS)
    for _ in range(LONG // AT_ONCE):
        fuzz(desk, operation, AT_ONCE)
        if time.monotonic() > until:
            return
