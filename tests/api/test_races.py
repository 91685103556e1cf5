"""What is asked many times at once over REST is done as if asked one after another."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest

from tests.api.people import Desk, Visitor, a_desk


@pytest.fixture
async def desk(visitor: Visitor) -> Desk:
    return await a_desk(visitor)


async def at_once(count: int, ask: Callable[[int], Awaitable[Any]]) -> list[int]:
    answers = await asyncio.gather(*(ask(number) for number in range(count)))
    return sorted(one.status_code for one in answers)


async def test_of_fifteen_prompts_with_one_id_one_is_made(desk: Desk) -> None:
    new = {"application_id": desk.application_id, "name": "Invoice", "prompt_id": "invoice"}

    statuses = await at_once(15, lambda _: desk.owner.post("/prompts", new))

    assert statuses == [201] + [409] * 14


async def test_fifteen_saves_at_once_get_numbers_of_their_own(desk: Desk) -> None:
    answers = await asyncio.gather(*(save_until_done(desk, number) for number in range(15)))

    listed = (await desk.owner.get(f"{desk.versions}?limit=100")).json()
    numbers = {one.json()["version"] for one in answers}
    assert {one.status_code for one in answers} <= {200, 201}
    assert (len(numbers), listed["total"]) == (15, 16)


async def save_until_done(desk: Desk, number: int) -> httpx2.Response:
    """Save, and again when a machine under load says so; a save that was cut off is found then."""
    answer = await desk.save(f"Hello {number}.")
    for _ in range(10):
        if answer.status_code != 503:
            return answer
        await asyncio.sleep(float(answer.headers["retry-after"]))
        answer = await desk.save(f"Hello {number}.")
    return answer


async def test_eight_publishes_at_once_leave_one_current_version(desk: Desk) -> None:
    saved = [(await desk.save(f"Hello {number}.")).json()["version"] for number in range(8)]

    published = await asyncio.gather(*(desk.publish(number) for number in saved))

    assert {one.status_code for one in published} == {200}
    current = (await desk.owner.get(desk.prompt)).json()["current_version"]
    served = (await desk.application.get(f"{desk.versions}/latest")).json()
    assert current in saved
    assert (served["version"], served["is_published"]) == (current, True)


async def test_changes_from_one_state_are_made_once(desk: Desk) -> None:
    seen = {"If-Match": (await desk.owner.get(desk.prompt)).headers["etag"]}

    statuses = await at_once(
        8, lambda number: desk.owner.put(desk.prompt, {"name": f"N{number}"}, headers=seen)
    )

    assert statuses == [200] + [412] * 7


async def test_of_ten_regenerations_one_key_works(desk: Desk) -> None:
    path = f"/applications/{desk.application_id}/regenerate-key"
    answers = await asyncio.gather(*(desk.owner.post(path) for _ in range(10)))

    keys = [one.json()["api_key"] for one in answers if one.status_code == 200]
    works = [(await desk.owner.keyed(key).get(desk.prompt)).status_code for key in keys]
    assert works.count(200) == 1
    assert (await desk.application.get(desk.prompt)).status_code == 401


async def test_going_out_of_service_while_executing_breaks_nothing(desk: Desk) -> None:
    async def ask(number: int) -> Any:
        if number == 5:
            return await desk.owner.delete(desk.prompt)
        body = {"variables": {"name": "Bo"}}
        return await desk.application.post("/execute/greeting/latest", body)

    assert set(await at_once(12, ask)) <= {200, 204, 404, 409}
