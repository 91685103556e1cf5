"""Own the request a page cannot make by itself: only the browser can receive or drop a cookie."""

import streamlit as st
from streamlit.components.v2 import component

from streamlit_app import viewer
from streamlit_app.addresses import base_path
from streamlit_app.session_routes import HEADER, HEADER_VALUE

# A fresh mark for each request: the code below runs again whenever the theme or the data change.
_SCRIPT = """
export default function ({ data, parentElement, setTriggerValue }) {
  if (parentElement.dataset.sent === data.mark) return
  parentElement.dataset.sent = data.mark
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

_request = component("session_request", js=_SCRIPT)


def open_session(ticket: str) -> None:
    """Let the browser exchange the ticket for its cookie and load the same address again."""
    _send("open", mark=ticket, body=ticket)


def close_session() -> None:
    """Let the browser sign out and go to the first page."""
    _send("close", mark="close", target=f"{_base()}/")


def _send(verb: str, *, mark: str, body: str = "", target: str = "") -> None:
    answer = _request(
        key=f"session_{verb}",
        data={
            "url": f"{_base()}/session/{verb}",
            "header": HEADER,
            "value": HEADER_VALUE,
            "mark": mark,
            "body": body,
            "next": target,
        },
        on_failure_change=lambda: None,
    )
    if answer.failure:
        st.error(f"**It did not work.** {answer.failure}", icon=":material/error:")


def _base() -> str:
    return base_path(viewer.runtime().settings.server)
