"""Own where typing goes when a dialog opens: into its first field."""

from streamlit.components.v2 import component

# Streamlit gives the focus to the dialog itself, so that typing would go nowhere. Enter waits
# until what was typed last has been answered.
_focus = component(
    "focus_first_field",
    html="<span hidden></span>",
    js="""
const ANSWERED_MS = 500
export default function ({ data, parentElement }) {
  const mark = parentElement.querySelector("span")
  if (mark.dataset.done) return
  mark.dataset.done = "yes"
  setTimeout(() => {
    const dialog = document.querySelector("[role=dialog]")
    const input = dialog?.querySelector("input")
    input?.focus()
    if (!data.entersLink) return
    input?.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return
      setTimeout(() => dialog.querySelector("[data-testid=stPageLink] a")?.click(), ANSWERED_MS)
    })
  }, 150)
}
""",
)


def focus_first_field(key: str, *, enters_link: bool = False) -> None:
    """Put the cursor into the first field of the open dialog, once; call it last in the dialog.

    With `enters_link` the Enter key in that field follows the first link of the dialog.
    """
    _focus(key=key, data={"entersLink": enters_link}, height=1)
