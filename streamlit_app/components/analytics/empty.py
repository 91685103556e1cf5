"""Own what the page says where there is nothing to show."""

import streamlit as st

from streamlit_app.components.analytics.choices import USUAL
from streamlit_app.components.no_match import no_match
from streamlit_app.formats import plain
from streamlit_app.navigation import page_path

_EXAMPLE = """curl http://127.0.0.1:8501/api/v1/execute/PROMPT/latest \\
  -H "X-API-Key: $PROMPTHUB_API_KEY" -H 'Content-Type: application/json' \\
  -d '{"variables": {}}'"""


def invite() -> None:
    """Say what will be here, and how to make the first figures."""
    st.markdown(
        "What your prompts cost, how fast they answer, how often they fail and how they are rated "
        "is counted here, for each prompt, version and model. Nothing was run yet."
    )
    st.page_link(
        page_path("playground"),
        label="Run a prompt in the playground",
        icon=":material/play_circle:",
    )
    with st.expander("Or run a published prompt from your application"):
        st.code(_EXAMPLE, language="bash", wrap_lines=True)


def tell_nothing(period: str, narrowed: list[str]) -> None:
    """Say that nothing was run in the period, and what to remove to see more."""
    removed = f"Remove {', '.join(map(plain, narrowed))}, or choose" if narrowed else "Choose"
    no_match(
        f"Nothing was run in the last {period}. {removed} a longer period.",
        show="Show everything of 2 years",
        key="usage_everything",
        on_click=_show_everything,
    )


def _show_everything() -> None:
    for name in ("application", "prompt", "model", "bucket"):
        st.query_params.pop(name, None)
    st.session_state["span"] = "2 y" if st.session_state.get("span") else USUAL
