"""Own the keys of the search box: `/` leads to it, Esc clears it."""

from streamlit.components.v2 import component

# Both work on the page's only search box. The arrow functions are removed with the component.
_keys = component(
    "search_keys",
    html="<span hidden></span>",
    js="""
const find = () => document.querySelector("input[type=search]")

function isTyping(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
}

function empty(input) {
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set
  set.call(input, "")
  input.dispatchEvent(new Event("input", { bubbles: true }))
}

function press(event) {
  const input = find()
  if (!input || event.defaultPrevented || document.querySelector("[role=dialog]")) return
  if (event.key === "/" && !isTyping(event.composedPath()[0])) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    input.focus()
    input.select()
  } else if (event.key === "Escape" && document.activeElement === input && input.value) {
    event.preventDefault()
    empty(input)
  }
}

export default function ({ parentElement }) {
  document.addEventListener("keydown", press)
  parentElement.querySelector("span").dataset.listens = ""
  return () => document.removeEventListener("keydown", press)
}
""",
)


def search_keys() -> None:
    """Listen for the keys while the page with the search box is open; it takes no room in a row."""
    _keys(key="search_keys", width=1, height=1)
