"""Who uses the API in tests: visitors, people who signed in, applications with a key."""

from dataclasses import dataclass, field, replace
from typing import Any

import httpx2

from tests.api.canaries import PROMPT_TEXT, WATCH
from tests.builders import PASSWORD

BASE = "/api/v1"
HANDED_OUT = ("access_token", "refresh_token", "api_key", "invitation")


@dataclass(frozen=True)
class Visitor:
    """Somebody who sends requests, with these headers."""

    client: httpx2.AsyncClient
    headers: dict[str, str] = field(default_factory=dict[str, str])

    async def ask(self, method: str, path: str, **options: Any) -> httpx2.Response:
        headers = {**self.headers, **options.pop("headers", {})}
        answer = await self.client.request(method, BASE + path, headers=headers, **options)
        _watch(answer)
        return answer

    async def get(self, path: str, **options: Any) -> httpx2.Response:
        return await self.ask("GET", path, **options)

    async def post(self, path: str, body: Any = None, **options: Any) -> httpx2.Response:
        return await self.ask("POST", path, json=body, **options)

    async def put(self, path: str, body: Any, **options: Any) -> httpx2.Response:
        return await self.ask("PUT", path, json=body, **options)

    async def delete(self, path: str, **options: Any) -> httpx2.Response:
        return await self.ask("DELETE", path, **options)

    def bearing(self, token: str) -> "Visitor":
        """The same with an access token."""
        return replace(self, headers={"Authorization": f"Bearer {token}"})

    def keyed(self, api_key: str) -> "Visitor":
        """The same with an application's key."""
        return replace(self, headers={"X-API-Key": api_key})

    async def signed_up(self, email: str) -> "Visitor":
        """A new account, signed in."""
        account = {"email": email, "password": PASSWORD}
        (await self.post("/auth/register", account)).raise_for_status()
        return await self.signed_in(email)

    async def signed_up_or_in(self, email: str) -> "Visitor":
        """The account, new or not, signed in."""
        await self.post("/auth/register", {"email": email, "password": PASSWORD})
        return await self.signed_in(email)

    async def signed_in(self, email: str) -> "Visitor":
        """The account that exists, signed in once more."""
        account = {"email": email, "password": PASSWORD}
        tokens = (await self.post("/auth/login", account)).raise_for_status().json()
        return self.bearing(tokens["access_token"])


def _watch(answer: httpx2.Response) -> None:
    """Refuse any secret issued before, and remember those that this answer hands out."""
    secret = WATCH.secrets if answer.is_error else WATCH.secrets - {PROMPT_TEXT}
    assert [one for one in secret if one in answer.text] == [], answer.text
    if answer.is_success and answer.headers.get("content-type") == "application/json":
        shown: dict[str, Any] = answer.json()
        WATCH.hand_out(*(str(shown[name]) for name in HANDED_OUT if shown.get(name)))


@dataclass(frozen=True)
class Desk:
    """A person with an application and its key, and a prompt published as 1.0.0."""

    owner: Visitor
    application: Visitor
    application_id: str
    prompt_id: str = "greeting"

    @property
    def prompt(self) -> str:
        return f"/prompts/{self.prompt_id}"

    @property
    def versions(self) -> str:
        return f"{self.prompt}/versions"

    async def save(self, content: str, **fields: Any) -> httpx2.Response:
        return await self.owner.post(self.versions, {"content": content, **fields})

    async def publish(self, version: str) -> httpx2.Response:
        return await self.owner.post(f"{self.versions}/{version}/publish")


HELLO = {
    "content": "Say hello to {{ name }}.",
    "required_fields": [{"name": "name"}],
    "model": "demo/echo",
}


async def a_desk(visitor: Visitor, email: str = "ada@example.org") -> Desk:
    """Everything needed to execute."""
    return await add_desk(visitor, await visitor.signed_up(email))


async def add_desk(visitor: Visitor, owner: Visitor, prompt_id: str = "greeting") -> Desk:
    """The same for somebody who signed in already."""
    created = (await owner.post("/applications", {"name": "Support desk"})).json()
    desk = Desk(owner, visitor.keyed(created["api_key"]), created["id"], prompt_id)
    new = {"application_id": desk.application_id, "name": "Greeting", "prompt_id": prompt_id}
    (await owner.post("/prompts", new)).raise_for_status()
    (await owner.post(desk.versions, HELLO)).raise_for_status()
    (await desk.publish("1.0.0")).raise_for_status()
    return desk
