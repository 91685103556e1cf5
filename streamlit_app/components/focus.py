"""Own where typing goes when a dialog opens: into its first field."""

from streamlit.components.v2 import component

# Streamlit gives the focus to the dialog itself, so that typing would go nowhere.
_focus = component(
    "focus_first_field",
    html="<span hidden></span>",
    js="""
export default function ({ parentElement }) {
  const mark = parentElement.querySelector("span")
  if (mark.dataset.done) return
  mark.dataset.done = "yes"
  setTimeout(() => document.querySelector("[role=dialog] input")?.focus(), 150)
}
""",
)


def focus_first_field(key: str) -> None:
    """Put the cursor into the first field of the open dialog, once; call it last in the dialog."""
    _focus(key=key, height=1)
