"""Own where typing goes when a dialog opens: into its first field."""

from streamlit.components.v2 import component

# Streamlit gives the focus to the dialog itself, so that typing would go nowhere. Enter waits until
# the links are those for what stands in the field.
_focus = component(
    "focus_first_field",
    html="<span hidden></span>",
    js="""
const DRAWN_MS = 50
export default function ({ data, parentElement }) {
  const mark = parentElement.querySelector("span")
  const dialog = () => document.querySelector("[role=dialog]")
  const enter = () => {
    if (mark.entered === undefined || mark.entered !== mark.answered) return
    mark.entered = undefined
    setTimeout(() => dialog()?.querySelector("[data-testid=stPageLink] a")?.click(), DRAWN_MS)
  }
  mark.answered = data.answered
  enter()
  if (mark.dataset.done) return
  mark.dataset.done = "yes"
  setTimeout(() => {
    const input = dialog()?.querySelector("input")
    input?.focus()
    if (data.answered === null) return
    input?.addEventListener("input", () => { mark.entered = undefined })
    input?.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return
      mark.entered = input.value.trim()
      enter()
    })
  }, 150)
}
""",
)


def focus_first_field(key: str, *, answered: str | None = None) -> None:
    """Put the cursor into the first field of the open dialog, once; call it last in the dialog.

    With `answered`, the text without outer spaces that the links of the dialog are for, Enter
    follows the first link as soon as that is what stands in the field.
    """
    _focus(key=key, data={"answered": answered}, height=1)
