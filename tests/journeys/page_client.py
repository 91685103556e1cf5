"""Own a page as the browser's side of Streamlit sees it: a websocket that asks for runs."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from core.accounts.sessions import start_session
from core.database.connect import connected
from core.documents import User
from streamlit_app.viewer import COOKIE
from tests.journeys.own_app import OwnApp

RUN_SECONDS = 30
# A page that is signed in sends many elements, the sign-in card a few.
ELEMENTS = 10


@dataclass
class PageClient:
    """An open page."""

    connection: ClientConnection
    elements: int = 0

    def run(self) -> float:
        """Run the page once; return the seconds until its script had finished."""
        started = time.monotonic()
        ask = BackMsg()
        ask.rerun_script.query_string = ""
        self.connection.send(ask.SerializeToString())
        self.elements = 0
        while not self._is_finished(ForwardMsg.FromString(self._receive())):
            pass
        return time.monotonic() - started

    def _receive(self) -> bytes:
        received = self.connection.recv(timeout=RUN_SECONDS)
        assert isinstance(received, bytes)
        return received

    def _is_finished(self, message: ForwardMsg) -> bool:
        kind = message.WhichOneof("type")
        self.elements += kind in {"delta", "ref_hash"}
        succeeded = message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
        return kind == "script_finished" and succeeded


@contextmanager
def open_page(app: OwnApp, cookie: str) -> Generator[PageClient]:
    """The default page of somebody who is signed in with the cookie."""
    with connect(
        f"ws://127.0.0.1:{app.port}/_stcore/stream",
        additional_headers={"Cookie": f"{COOKIE}={cookie}"},
        max_size=None,
    ) as connection:
        yield PageClient(connection)


async def a_cookie(app: OwnApp, email: str) -> str:
    """The cookie of a new session of a person who has an account."""
    async with connected(app.uri, "prompthub"):
        user = await User.find_one({"email": email})
        assert user is not None
        opened = await start_session(user, user_agent="a test", days=1)
        return opened.cookie.get_secret_value()
