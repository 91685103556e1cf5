"""Own asking again and again: the browser does, and only while somebody can see the answer.

Not in a hidden tab, and not behind a dialog, which a run of the page might close.
"""

from streamlit.components.v2 import component

_render = component(
    "ticker",
    html="<span hidden></span>",
    js="""
export default function ({ data, parentElement, setTriggerValue }) {
  // It is called again at each run of the fragment; there is one clock.
  clearInterval(parentElement.promptHubTimer)
  parentElement.promptHubTimer = setInterval(() => {
    if (document.hidden || document.querySelector("[role=dialog]")) return
    setTriggerValue("tick", Date.now())
  }, data.every)
  return () => clearInterval(parentElement.promptHubTimer)
}
""",
)


def tick_every(milliseconds: int, *, key: str) -> None:
    """Run the fragment that draws this anew, time after time, until it is not drawn any more."""
    _render(key=key, data={"every": milliseconds}, on_tick_change=_nothing, height=1)


def _nothing() -> None:
    """Declare the trigger to Streamlit, which only knows those that have a callback."""
