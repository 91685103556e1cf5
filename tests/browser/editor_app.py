"""Own a small Streamlit app that holds the editor and the comparison, for tests of the browser."""

import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from tests.browser.app_process import ROOT, free_port

APP = """
import streamlit as st
from streamlit_app.editor import Finding, code_editor, current_text, merge_view

state = st.session_state
state.setdefault("text", "Hello")
state.setdefault("revision", 0)
state.setdefault("triggers", [])
state.setdefault("changes", [])

def replace():
    state.text, state.revision = "From the server", state.revision + 1

def note():
    state.text = current_text("body", revision=state.revision)
    state.changes.append(state.text)

def editor():
    st.button("Rerun", shortcut="Ctrl+K")
    st.button("Replace", on_click=replace)
    if st.button("Save", shortcut="Ctrl+S"):
        state.triggers.append("button")
    state.text, trigger = code_editor(
        state.text, key="body", revision=state.revision, variables=["audience", "transcript"],
        label="Prompt text", on_change=note, height=200,
        findings=[Finding(1, 1, "warning", "A greeting")])
    if trigger:
        state.triggers.append(f"{trigger} {state.text}")
    st.text(f"text: {state.text}.")
    st.text(f"triggers: {state.triggers}")
    st.text(f"changes: {len(state.changes)}")
    with st.expander("Fragment", expanded=True):
        in_fragment()

@st.fragment
def in_fragment():
    text, trigger = code_editor("In", key="small", label="Small text", height=80)
    if trigger:
        state.triggers.append(f"{trigger} {text}")
        st.text(f"fragment: {trigger} {text} {len(state.triggers)}")

def changes():
    lines = "\\n".join(f"line {number}" for number in range(20))
    merge_view("You have 25 words\\n" + lines, "You have 40 words\\n" + lines, key="diff",
               old_title="1.0.0", new_title="1.1.0")

st.navigation([st.Page(editor, url_path="edit", default=True), st.Page(changes)]).run()
"""


@contextmanager
def running_editor(folder: Path) -> Generator[str]:
    """Serve the small app from an empty folder and yield its address."""
    (folder / "app.py").write_text(APP)
    (folder / "static").symlink_to(ROOT / "streamlit_app" / "static")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    options = {
        "server.address": "127.0.0.1",
        "server.port": port,
        "server.headless": "true",
        "server.enableStaticServing": "true",
        "server.fileWatcherType": "none",
        "runner.fastReruns": "false",  # as in the application
        "browser.gatherUsageStats": "false",
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", *flags]
    environment = {"PYTHONPATH": str(ROOT), "HOME": str(folder)}
    with (folder / "log.txt").open("w") as log:
        server = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            wait_until_healthy(address, server)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=10)


def wait_until_healthy(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urlopen(f"{address}/_stcore/health", timeout=1).close()  # noqa: S310
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The app of the editor did not start.")
