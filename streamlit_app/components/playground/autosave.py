"""Own keeping what is typed to try a prompt with: a refresh or a lost connection brings it back."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import streamlit as st
from bson import ObjectId
from streamlit.components.v2 import component

from core.errors import PromptHubError
from core.prompts.typed import Part, find_typed, keep_typed
from core.values.scope import Scope
from streamlit_app import bridge

# A text field tells what is in it when it is left. Who refreshes the page, or loses the
# connection, has not left it: after a pause in typing it is told as if it had been.
_teller = component(
    "prompthub_tell_typed",
    html="<span hidden></span>",
    js="""
const PAUSE_MS = 900
export default function ({ parentElement }) {
  const mark = parentElement.querySelector("span")
  if (mark.dataset.listens) return
  mark.dataset.listens = "yes"
  let pause = 0
  const tell = (event) => {
    const field = event.target
    if (field.tagName !== "TEXTAREA" || field.closest("[data-testid=stChatInput]")) return
    clearTimeout(pause)
    pause = setTimeout(() => {
      if (document.activeElement !== field) return
      field.dispatchEvent(new FocusEvent("focusout", { bubbles: true }))
    }, PAUSE_MS)
  }
  document.addEventListener("input", tell)
  return () => {
    clearTimeout(pause)
    document.removeEventListener("input", tell)
    delete mark.dataset.listens
  }
}
""",
)
_FILLED_BY: Final = ("example", "execution")


def restore_typed(
    scope: Scope,
    application_id: ObjectId,
    place_id: ObjectId,
    put: Callable[[Mapping[str, Any]], None],
    *,
    part: Part = "form",
) -> None:
    """Put what was typed here before this session into the form, once; call it before it is drawn.

    What the address fills in goes before it, unless it was typed on top of just that.
    """
    key = _key(place_id, part)
    if key in st.session_state:
        return
    found = bridge.run(find_typed(scope, application_id, place_id, part=part))
    st.session_state[key] = (found.began_with, found.values) if found else None
    if found and _filled_by() in ("", found.began_with):
        put(found.values)


def keep_what_is_typed(
    scope: Scope,
    application_id: ObjectId,
    place_id: ObjectId,
    values: dict[str, Any],
    *,
    is_untouched: bool,
    part: Part = "form",
) -> None:
    """Store what stands in the form where it has changed; call it after the form is drawn."""
    _teller(key=f"tell_{place_id}_{part}", height=1)
    key = _key(place_id, part)
    now = None if is_untouched else (_filled_by(), values)
    if st.session_state.get(key) == now:
        return
    began_with, kept = now or ("", {})
    try:
        bridge.run(
            keep_typed(scope, application_id, place_id, kept, part=part, began_with=began_with)
        )
    except PromptHubError:  # too long to be kept, or the role was taken away: running says so
        return
    st.session_state[key] = now


def _filled_by() -> str:
    return "/".join(filter(None, (st.query_params.get(name) for name in _FILLED_BY)))


def _key(place_id: ObjectId, part: Part) -> str:
    return f"typed_{part}_{place_id}"
