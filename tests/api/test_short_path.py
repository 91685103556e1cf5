"""The short path answers what the ordinary routes answer, byte for byte."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx2
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount

from core.api.app import PREFIX, attach, create_api
from core.api.short_path import ShortPath
from core.documents import Application
from core.runtime import started
from core.settings import Settings
from tests.api.people import BASE, Desk, Visitor, a_desk

JSON = {"Content-Type": "application/json"}
VALUES = b'{"variables":{"name":"Bo"}}'
# What differs from one request to the next, whichever way it goes.
OWN = {"x-request-id", "ratelimit-remaining", "ratelimit-reset"}


class Ways(NamedTuple):
    """The same application with the short path and without."""

    short: Visitor
    ordinary: Visitor


class Asked(NamedTuple):
    """A request below the versions of a prompt."""

    path: str
    method: str = "GET"
    headers: dict[str, str] = {}
    body: bytes | None = None


@pytest.fixture
async def ways(settings: Settings) -> AsyncGenerator[Ways]:
    async with started(settings) as runtime:
        short, ordinary = create_api(settings.api), create_api(settings.api)
        ordinary.user_middleware = [
            one for one in ordinary.user_middleware if one.cls is not ShortPath
        ]
        assert len(short.user_middleware) == len(ordinary.user_middleware) + 1
        for api in (short, ordinary):
            attach(api, runtime)
        async with served(short) as first, served(ordinary) as second:
            yield Ways(Visitor(first), Visitor(second))


@asynccontextmanager
async def served(api: FastAPI) -> AsyncGenerator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=Starlette(routes=[Mount(PREFIX, app=api)]))
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


async def a_full_desk(visitor: Visitor) -> Desk:
    """A desk with a published version, a draft, a label and a prompt without versions."""
    desk = await a_desk(visitor)
    loop = "{% for n in names %}{{ n | upper }} {% endfor %}{{ missing | default('-') }}"
    include = {"dependency_type": "include", "prompt_id": "greeting", "version": "1.0.0"}
    saved = [
        await desk.save(loop),
        await desk.save("{{ greeting }} And bye.", dependencies=[include]),
    ]
    for one in saved:
        (await desk.publish(one.json()["version"])).raise_for_status()
    (await desk.save("A draft.")).raise_for_status()
    await desk.owner.put(f"{desk.prompt}/labels/production", {"version": "1.0.0", "reason": "x"})
    new = {"application_id": desk.application_id, "name": "Empty", "prompt_id": "empty"}
    (await desk.owner.post("/prompts", new)).raise_for_status()
    return desk


SELECTORS = (
    *("1.0.0", "1.0.1", "1.0.2", "1.0.3", "9.9.9", "latest", "label:production", "label:none"),
    *("label:", "label:UPPER", "01.0.0", "1.0", "LATEST", "v1.0.0", "1.0.0.0", "-", ":", "1%2E0.0"),
    *("%6Catest", "latest%0A", "latest%00", "caf%C3%A9", "1.0.0/", "label%3Aproduction", "a" * 80),
)
BODIES = (
    *(VALUES, b"", b"{}", b"[]", b"null", b"1", b'"x"', b"{", b'{"variables":null}'),
    *(b'{"variables":{}}', b'{"variables":[]}', b'{"variables":{"name":7}}', b'{"more":1}'),
    *(b'{"variables":{"name":"Bo","other":1}}', b'{"variables":{"name":NaN}}', b"\xff"),
    *(b'{"variables":{"name":"a","name":"b"}}', b'{"variables":{"name":"\\ud800"}}'),
    *(b'{"variables":{"names":["x","y"]}}', b'{"variables":{"name":"' + b"x" * 9000 + b'"}}'),
    *(b'{"variables":{"name":"{{ 7 }}"}}', b"[" * 70 + b"]" * 70, b'{"variables":{"":1}}'),
)


def all_requests(key: str, tag: str) -> list[Asked]:
    keyed = {"X-API-Key": key}
    posted = {**keyed, **JSON}
    known = "/greeting/versions/latest"
    asked = [Asked(f"/greeting/versions/{one}", headers=keyed) for one in SELECTORS]
    asked += [
        Asked(f"/greeting/versions/{one}/render", "POST", posted, VALUES) for one in SELECTORS
    ]
    asked += [Asked(f"{known}/render", "POST", posted, body) for body in BODIES]
    asked += [Asked("/greeting/versions/1.0.0/render", "POST", posted, body) for body in BODIES]
    asked += [
        Asked(f"/{prompt}/versions/{one}", headers=keyed)
        for prompt in ("empty", "none", "Greeting", "gr%65eting", "search", "a" * 65, "%24gt")
        for one in ("latest", "1.0.0", "wrong")
    ]
    asked += [Asked("/none/versions/latest/render", "POST", posted, b"[]")]
    asked += [Asked(known + query, headers=keyed) for query in ("?", "?a=1", "?application_id=1")]
    for held in (tag, f"W/{tag}", f'"a", {tag}', "*", '"other"', ""):
        asked.append(Asked("/greeting/versions/1.0.0", headers={**keyed, "If-None-Match": held}))
    for credentials in (
        *({}, {"X-API-Key": ""}, {"X-API-Key": key[:-1]}, {"X-API-Key": "ph_" + "a" * 43}),
        *({**keyed, "Authorization": "Bearer x"}, {"Authorization": f"Bearer {key}"}),
    ):
        asked.append(Asked(known, headers=credentials))
        asked.append(Asked(f"{known}/render", "POST", {**credentials, **JSON}, b"{"))
    for media_type in ("text/plain", "application/json; charset=latin-1", "application/JSON"):
        asked.append(
            Asked(f"{known}/render", "POST", {**keyed, "Content-Type": media_type}, VALUES)
        )
    asked += [Asked(known, method, keyed) for method in ("HEAD", "OPTIONS", "POST", "PATCH")]
    asked += [Asked(f"{known}/render", method, keyed) for method in ("GET", "PUT")]
    asked += [Asked(f"{known}/render", "POST", posted, b'{"a":"' + b"x" * 2**20 + b'"}')]
    return asked


async def test_both_ways_give_the_same_answers(ways: Ways) -> None:
    desk = await a_full_desk(ways.short)
    key = desk.application.headers["X-API-Key"]
    tag = (await desk.application.get(f"{desk.versions}/1.0.0")).headers["etag"]

    seen: set[int] = set()
    for asked in all_requests(key, tag):
        answers = [await ask(way, asked) for way in ways]
        again = await ask(ways.short, asked)

        assert answers[0] == answers[1], asked
        assert again == answers[0], asked
        seen.add(answers[0][0])

    assert seen == {200, 304, 401, 404, 405, 409, 413, 415, 422}


async def ask(way: Visitor, asked: Asked) -> tuple[int, dict[str, str], bytes]:
    answer = await way.client.request(
        asked.method, f"{BASE}/prompts{asked.path}", headers=asked.headers, content=asked.body
    )
    headers = {name: value for name, value in answer.headers.items() if name not in OWN}
    assert OWN - {"x-request-id"} <= answer.headers.keys() or answer.status_code in {401, 404, 405}
    return answer.status_code, headers, answer.content


async def test_a_use_of_the_key_is_remembered(ways: Ways) -> None:
    desk = await a_desk(ways.short)

    await desk.application.get(f"{desk.versions}/latest")

    application = await Application.find_one({"_id": {"$exists": True}, "name": "Support desk"})
    assert application is not None
    assert application.api_key_last_used_at is not None


async def test_a_change_in_this_process_is_seen_at_once(ways: Ways) -> None:
    desk = await a_desk(ways.short)
    latest, label = f"{desk.versions}/latest", f"{desk.versions}/label:production"
    move = {"version": "1.0.0", "reason": "x"}
    await desk.owner.put(f"{desk.prompt}/labels/production", move)
    seen: list[Any] = []

    async def look() -> None:
        seen.append(
            [(await desk.application.get(one)).json().get("version") for one in (latest, label)]
        )

    await look()
    await desk.save("Good day, {{ name }}.")
    await desk.publish("1.0.1")
    await look()
    await desk.owner.put(f"{desk.prompt}/labels/production", {**move, "version": "1.0.1"})
    await look()
    await desk.owner.post(f"{desk.versions}/1.0.0/rollback", {"reason": "x"})
    await look()
    await desk.owner.delete(f"{desk.prompt}/labels/production")
    await look()
    await desk.owner.delete(desk.prompt)
    await look()
    await desk.owner.post(f"{desk.prompt}/restore")
    await look()

    assert seen == [
        ["1.0.0", "1.0.0"],
        ["1.0.1", "1.0.0"],
        ["1.0.1", "1.0.1"],
        ["1.0.2", "1.0.1"],
        ["1.0.2", None],
        [None, None],
        ["1.0.2", None],
    ]


async def test_a_version_published_again_is_shown_as_it_is_then(ways: Ways) -> None:
    desk = await a_desk(ways.short)
    await desk.save("Good day.")
    aside = {"make_current": False}
    await desk.owner.post(f"{desk.versions}/1.0.1/publish", aside)
    before = await desk.application.get(f"{desk.versions}/1.0.1")

    await desk.publish("1.0.1")

    after = await desk.application.get(f"{desk.versions}/1.0.1")
    assert after.json()["revision"] == before.json()["revision"] + 1
    assert after.headers["etag"] != before.headers["etag"]
