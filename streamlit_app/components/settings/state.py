"""Own the cards of state: database, embedder, worker, and the program itself."""

import platform
from importlib.metadata import version
from typing import Final

import streamlit as st

from core.database.state import DatabaseState, read_database_state
from core.embeddings.loading import Embeddings, Status
from core.errors import PromptHubError
from core.values.scope import Scope
from core.worker import CHORES, Turn
from prompthub import __version__
from streamlit_app import bridge, viewer
from streamlit_app.components import problem
from streamlit_app.components.when import ago, exact
from streamlit_app.formats import count, duration, plain

REFRESH_SECONDS: Final = 5.0
_STATES: Final[dict[Status, str]] = {
    "ready": ":green-badge[:material/check_circle: Ready]",
    "warming": ":blue-badge[:material/progress_activity: Warming up]",
    "failed": ":red-badge[:material/error: Failed]",
    "off": ":gray-badge[:material/block: Off]",
}
_CHORES: Final[dict[str, str]] = {
    "sweep_orphans": "Closes runs whose process died",
    "repair_prompts": "Completes saves and publishes",
    "repair_invitations": "Completes invitations",
    "apply_retention": "Applies changed retention",
    "run_jobs": "Works on jobs in the background",
    "roll_up": "Builds sums for analytics",
    "watch_anomalies": "Looks for what is unusual",
    "follow_connections": "Follows connections",
    "embed": "Makes vectors for search",
    "sweep_sources": "Deletes unused sources",
    "follow_prompts": "Keeps the search index in step",
}
_UNITS: Final = (("GB", 1024**3), ("MB", 1024**2), ("KB", 1024))


@st.fragment(run_every=REFRESH_SECONDS)
def state_cards(scope: Scope) -> None:
    """Draw the four cards; they refresh by themselves."""
    cards = st.columns(2)
    with cards[0]:
        _database(scope)
        _program()
    with cards[1]:
        _embedder(viewer.runtime().embeddings)
        _worker(viewer.runtime().turns)


def _database(scope: Scope) -> None:
    with st.container(border=True):
        try:
            state = bridge.run(read_database_state(scope))
        except PromptHubError as error:
            st.markdown("**Database** :red-badge[:material/error: Does not answer]")
            problem.show(error)
            return
        mongo = viewer.runtime().settings.mongo
        whose = "your own server" if mongo.uri else "embedded, started by PromptHub"
        st.markdown("**Database** :green-badge[:material/check_circle: Answers]")
        with st.container(gap="xxsmall"):
            _line("Server", f"MongoDB {state.version}, {whose}")
            _line("Database", mongo.database)
            _line("Answer", duration(state.answer_ms))
            _line("Size", f"{size(state.data_bytes)} of data, {size(state.disk_bytes)} on disk")
            if state.sums_until:
                _line("Sums until", exact(state.sums_until))
        st.caption(f"About {_rows(state)}.")


def _rows(state: DatabaseState) -> str:
    return ", ".join(
        f"{count(number)} {(name if number != 1 else name.removesuffix('s')).replace('_', ' ')}"
        for name, number in state.rows.items()
    )


def _embedder(embeddings: Embeddings) -> None:
    kind = viewer.runtime().settings.embeddings.kind
    with st.container(border=True):
        st.markdown(f"**Embedder** {_STATES[embeddings.status]}")
        with st.container(gap="xxsmall"):
            _line("Kind", kind)
            if embeddings.embedder:
                dimensions = embeddings.embedder.dimensions
                _line("Model", f"{embeddings.embedder.name}, {dimensions} dimensions")
            if embeddings.total:
                _line("Vectors", f"{embeddings.done:,} of {embeddings.total:,} versions")
        if embeddings.notice:
            st.caption(plain(embeddings.notice))


def _worker(turns: dict[str, Turn]) -> None:
    failed = sum(turn.has_failed for turn in turns.values())
    badge = ":green-badge[:material/check_circle: Works]"
    if failed:
        badge = f":red-badge[:material/error: {failed} failed; it is tried again]"
    elif not turns.keys() & CHORES.keys():
        badge = ":blue-badge[:material/schedule: Not begun yet]"
    with st.container(border=True):
        st.markdown(f"**Worker of this process** {badge}")
        with st.container(gap="xxsmall"):
            for name, turn in turns.items():
                words = "failed, see the log" if turn.has_failed else duration(turn.took_ms)
                _line(
                    _CHORES.get(name, name.replace("_", " ").capitalize()),
                    f"{ago(turn.at)} · {words}",
                    width=195,
                )


def _program() -> None:
    runtime = viewer.runtime()
    redis = "in Redis" if runtime.settings.redis.url else "in this process"
    with st.container(border=True):
        st.markdown("**Program**")
        with st.container(gap="xxsmall"):
            _line("PromptHub", __version__)
            _line("Running since", exact(runtime.started_at))
            runs_on = f"Python {platform.python_version()}, Streamlit {version('streamlit')}"
            _line("Runs on", runs_on)
            _line("Data folder", str(runtime.settings.data_dir.resolve()))
            _line("Limits", f"counted {redis}")


def _line(name: str, value: str, *, width: int = 110) -> None:
    with st.container(horizontal=True, gap="small"):
        st.markdown(f":small[:gray[{plain(name)}]]", width=width)
        # A container shrinks beside the name where a text of its own would go below it.
        with st.container(width="stretch"):
            st.markdown(f":small[{plain(value)}]")


def size(number: int) -> str:
    """Write a size: 812 B, 4.2 MB."""
    for unit, size_of in _UNITS:
        if number >= size_of:
            return f"{number / size_of:.1f} {unit}"
    return f"{number} B"
