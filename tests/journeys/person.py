"""Own a person who works over REST while the server may be killed: questions, answers, silence."""

import json
import time
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.builders import PASSWORD

# The design promises an answer within 5 s during an outage; the machine is shared.
PATIENCE_SECONDS = 15
JSON = {"Content-Type": "application/json"}


@dataclass
class Person:
    """Someone signed in, with a connection of their own."""

    client: httpx2.Client
    slowest: float = 0

    @classmethod
    def arriving(cls, url: str, token: str = "") -> "Person":
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return cls(
            httpx2.Client(base_url=f"{url}/api/v1", headers=headers, timeout=PATIENCE_SECONDS)
        )

    def ask(self, method: str, path: str, body: Any = None) -> httpx2.Response | None:
        """The answer; None when nobody was there to give one."""
        started = time.monotonic()
        try:
            # By hand, because numbers that are none and half surrogates shall get through.
            content = None if body is None else json.dumps(body)
            return self.client.request(method, path, content=content, headers=JSON)
        except httpx2.TransportError:
            return None
        finally:
            self.slowest = max(self.slowest, time.monotonic() - started)

    def must(self, method: str, path: str, body: Any = None) -> Any:
        """The content of an answer that has to be a success."""
        return self.client.request(method, path, json=body).raise_for_status().json()


def register(url: str, email: str) -> str:
    """Open an account and sign in; return the access token."""
    account = {"email": email, "password": PASSWORD}
    person = Person.arriving(url)
    with person.client:
        person.must("POST", "/auth/register", account)
        token: str = person.must("POST", "/auth/login", account)["access_token"]
        return token
