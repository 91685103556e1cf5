"""The outermost layer: foreign hosts and pages, unknown addresses, headers."""

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from core.settings import ServerSettings
from streamlit_app.addresses import shown_address
from streamlit_app.edge import Edge


def an_app(server: ServerSettings) -> Edge:
    """Answers HTML at every address, as Streamlit does, and JSON below /_stcore."""

    async def page(_: object) -> HTMLResponse:
        return HTMLResponse("the application")

    async def health(_: object) -> JSONResponse:
        return JSONResponse("ok")

    own = [Route(f"/_stcore/{name}", health) for name in ("health", "metrics")]
    inside = Starlette(routes=[*own, Route("/{path:path}", page)])
    return Edge(inside, server=server, pages={"", "editor"})


async def get(
    path: str, server: ServerSettings | None = None, host: str = "localhost"
) -> httpx2.Response:
    transport = httpx2.ASGITransport(app=an_app(server or ServerSettings()))
    async with httpx2.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
        return await client.get(path)


@pytest.mark.parametrize("path", ["/", "/editor", "/editor?prompt=a", "/_stcore/health"])
async def test_known_addresses_answer(path: str) -> None:
    assert (await get(path)).status_code == 200


@pytest.mark.parametrize(
    "path", ["/nothing", "/.env", "/.git/config", "/editor/more", "/editor/.env", "/index.html"]
)
async def test_unknown_addresses_are_not_found_instead_of_the_application(path: str) -> None:
    answer = await get(path)

    assert answer.status_code == 404
    assert "the application" not in answer.text


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/metrics/", "/_stcore/%6detrics"])
async def test_the_numbers_of_streamlit_are_nobodys(path: str) -> None:
    answer = await get(path)

    assert (answer.status_code, answer.text) == (404, "There is nothing at this address.\n")


async def test_people_at_an_unknown_address_are_led_to_the_library() -> None:
    server = ServerSettings(public_url="https://localhost/prompts")
    transport = httpx2.ASGITransport(app=an_app(server))
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get("/prompts/nothing", headers={"Accept": "text/html,*/*"})

    assert answer.status_code == 404
    assert '<a href="/prompts/">Go to the library</a>' in answer.text


async def test_pages_live_below_the_path_of_the_public_address() -> None:
    server = ServerSettings(public_url="https://localhost/prompts")

    answers = [(await get(path, server)).status_code for path in ("/prompts/editor", "/editor")]

    assert answers == [200, 404]


@pytest.mark.parametrize("path", ["/", "/nothing", "/_stcore/health"])
async def test_every_answer_carries_the_headers(path: str) -> None:
    headers = (await get(path)).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "same-origin"


async def test_a_name_made_to_point_at_this_machine_is_refused() -> None:
    assert (await get("/", host="evil.example")).status_code == 421
    assert (await get("/", host="127.0.0.1:8501")).status_code == 200
    assert (await get("/", host="[::1]:8501")).status_code == 200

    assert (
        await get("/", ServerSettings(address="127.0.0.2"), host="127.0.0.2")
    ).status_code == 200

    public = ServerSettings(public_url="https://prompts.example.org")
    assert (await get("/", public, host="prompts.example.org")).status_code == 200

    everywhere = ServerSettings(address="0.0.0.0")  # noqa: S104 # an example of a setting
    assert (await get("/", everywhere, host="any.example")).status_code == 200


@pytest.mark.parametrize(
    ("origin", "passes"), [("http://localhost", True), ("http://evil.example", False)]
)
async def test_pages_of_other_sites_open_no_websocket(origin: str, passes: bool) -> None:
    reached: list[str] = []
    sent: list[str] = []

    async def inside(scope: Scope, _receive: Receive, _send: Send) -> None:
        reached.append(scope["path"])

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message["type"])

    scope: Scope = {
        "type": "websocket",
        "path": "/_stcore/stream",
        "headers": [(b"host", b"localhost"), (b"origin", origin.encode())],
        "extensions": {"websocket.http.response": {}},
    }
    await Edge(inside, server=ServerSettings(), pages=())(scope, receive, send)

    assert bool(reached) is passes
    assert bool(sent) is not passes


def test_addresses_are_shown_as_people_type_them() -> None:
    assert shown_address(ServerSettings()) == "http://127.0.0.1:8501"
    assert shown_address(ServerSettings(address="::1", port=80)) == "http://[::1]:80"
    assert shown_address(ServerSettings(public_url="https://a.example")) == "https://a.example"
