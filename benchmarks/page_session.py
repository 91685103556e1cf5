"""Own a page as the browser's side of Streamlit sees it: a websocket that asks for runs."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from streamlit_app.viewer import COOKIE

RUN_SECONDS = 60
# What a page says that ended with an exception of ours.
DEFECT = "Something went wrong on this page."
IDLE_SECONDS, IDLE_SHARE = 3.0, 0.1
TICKS_PER_SECOND = 100
# User and system time, counted from the state that follows the name in /proc/PID/stat.
TIMES = slice(11, 13)


class Taken(NamedTuple):
    """What one run took."""

    elapsed_ms: float
    computed_ms: float


@dataclass
class PageSession:
    """An open tab of somebody who is signed in."""

    connection: ClientConnection
    pid: int
    hashes: dict[str, str] = field(default_factory=dict[str, str])
    notes: dict[str, list[Taken]] = field(default_factory=dict[str, list[Taken]])

    def run(self, url_path: str, query: str, *, note: str = "") -> None:
        """Go to an address and wait until its script has ended; keep what it took under `note`.

        Raises:
            RuntimeError: the page ended with an exception.
        """
        ask = BackMsg()
        ask.rerun_script.query_string = query
        ask.rerun_script.page_script_hash = self.hashes.get(url_path, "")
        started, computed = time.perf_counter(), self._computed_ms()
        self.connection.send(ask.SerializeToString())
        while not self._is_finished(self._receive(), f"{url_path}?{query}"):
            pass
        elapsed_ms = (time.perf_counter() - started) * 1000
        if note:
            taken = Taken(elapsed_ms, self._computed_ms() - computed)
            self.notes.setdefault(note, []).append(taken)

    def take_notes(self) -> dict[str, list[Taken]]:
        """Return what was noted since the last time."""
        notes, self.notes = self.notes, {}
        return notes

    def wait_until_idle(self) -> None:
        """Wait until the application has done what it does behind the pages, such as embedding."""
        computed_ms = float("inf")
        while computed_ms > IDLE_SECONDS * 1000 * IDLE_SHARE:
            before = self._computed_ms()
            time.sleep(IDLE_SECONDS)
            computed_ms = self._computed_ms() - before

    def memory_mib(self) -> float:
        """Return the resident memory of the application."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024

    def _computed_ms(self) -> float:
        stat = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(") ")[2]
        return sum(map(int, stat.split()[TIMES])) * 1000 / TICKS_PER_SECOND

    def _receive(self) -> ForwardMsg:
        received = self.connection.recv(timeout=RUN_SECONDS)
        if not isinstance(received, bytes):
            raise TypeError("Streamlit sent text.")
        return ForwardMsg.FromString(received)

    def _is_finished(self, message: ForwardMsg, address: str) -> bool:
        kind = message.WhichOneof("type")
        if kind == "navigation":
            pages = message.navigation.app_pages
            self.hashes = {page.url_pathname: page.page_script_hash for page in pages}
        if kind == "delta" and message.delta.new_element.WhichOneof("type") == "exception":
            raise RuntimeError(f"{address}: {message.delta.new_element.exception.message}")
        if kind == "delta" and DEFECT in message.delta.new_element.alert.body:
            raise RuntimeError(f"{address}: {message.delta.new_element.alert.body}")
        succeeded = message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
        return kind == "script_finished" and succeeded


@contextmanager
def page_session(port: int, pid: int, cookie: str) -> Generator[PageSession]:
    """Open a tab with the cookie, at the page that answers at the root."""
    with connect(
        f"ws://127.0.0.1:{port}/_stcore/stream",
        additional_headers={"Cookie": f"{COOKIE}={cookie}"},
        max_size=None,
    ) as connection:
        session = PageSession(connection, pid)
        session.run("", "")
        yield session
