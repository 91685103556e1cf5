"""Own the request a page cannot make by itself: only the browser can receive or drop a cookie."""

from dataclasses import dataclass
from typing import Literal, NoReturn

import streamlit as st
from streamlit.components.v2 import component

from streamlit_app import viewer
from streamlit_app.addresses import base_path
from streamlit_app.formats import plain
from streamlit_app.session_routes import HEADER, HEADER_VALUE

_STATE = "session_request"

# Sent once for each mark: the code runs again whenever the theme or the data change.
_SCRIPT = """
export default function ({ data, parentElement, setTriggerValue }) {
  const host = parentElement.querySelector("span")
  if (host.dataset.sent === data.mark) return
  host.dataset.sent = data.mark
  send(data, setTriggerValue)
}

async function send({ url, header, value, body, next }, setTriggerValue) {
  try {
    const answer = await fetch(url, { method: "POST", headers: { [header]: value }, body })
    if (!answer.ok) {
      const problem = await answer.json().catch(() => ({}))
      setTriggerValue("failure", problem.message ?? "The server did not accept the request.")
    } else if (next) {
      window.location.assign(next)
    } else {
      window.location.reload()
    }
  } catch {
    setTriggerValue("failure", "The server did not answer. Try again.")
  }
}
"""

_send = component("session_request", html="<span hidden></span>", js=_SCRIPT)


@dataclass(frozen=True, slots=True)
class _Request:
    verb: Literal["open", "close"]
    words: str
    body: str = ""
    target: str = ""


def open_session(ticket: str) -> NoReturn:
    """Let the browser exchange the ticket for its cookie and load the same address again."""
    _begin(_Request("open", "Opening PromptHub...", body=ticket))


def close_session() -> NoReturn:
    """Let the browser sign out and go to the first page."""
    _begin(_Request("close", "Signing out...", target=f"{_base()}/"))


def _begin(request: _Request) -> NoReturn:
    st.session_state[_STATE] = request
    st.rerun()


def is_under_way() -> bool:
    """Carry out the request a page began; False when there is none, or when it has failed."""
    request: _Request | None = st.session_state.get(_STATE)
    if request is None:
        return False
    answer = _send(
        key=f"session_{request.verb}",
        data={
            "url": f"{_base()}/session/{request.verb}",
            "header": HEADER,
            "value": HEADER_VALUE,
            "mark": request.verb + request.body,
            "body": request.body,
            "next": request.target,
        },
        on_failure_change=lambda: None,
    )
    if not answer.failure:
        st.caption(request.words)
        return True
    del st.session_state[_STATE]
    st.error(f"**That did not work.** {plain(answer.failure)}", icon=":material/error:")
    return False


def _base() -> str:
    return base_path(viewer.runtime().settings.server)
