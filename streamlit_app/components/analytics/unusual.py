"""Own what was found to be unusual: a sentence with its cause, its runs, and what to do."""

from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import streamlit as st

from core import clock
from core.analytics.anomalies.handling import acknowledge, mute
from core.analytics.anomalies.listing import AnomalyQuery, state_of
from core.documents import Anomaly
from core.documents.anomaly import Change
from core.errors import PromptHubError
from prompthub.wire.literals import AnomalyMeasure
from streamlit_app import formats
from streamlit_app.charts.axis import Mark, link
from streamlit_app.charts.over_time import Happened
from streamlit_app.components import problem
from streamlit_app.components.analytics.named import Names
from streamlit_app.components.analytics.view import View
from streamlit_app.components.once import once, press_of
from streamlit_app.formats import plain
from streamlit_app.navigation import page_path

LISTED: Final = 50
_SHOWN: Final = 1
_MUTED_HOURS: Final = {"For a day": 24, "For a week": 168, "For 30 days": 720}
_WORDS: Final[Mapping[AnomalyMeasure, str]] = {
    "tokens": "tokens of a run",
    "cost": "cost of a run",
    "latency": "latency",
    "errors": "failed runs",
    "blocks": "blocked runs",
}
_CARDS: Final[Mapping[AnomalyMeasure, str]] = {
    "tokens": "tokens",
    "cost": "cost",
    "latency": "latency",
    "errors": "outcomes",
    "blocks": "outcomes",
}


def query_of(view: View) -> AnomalyQuery:
    """Return the query for what is looked at."""
    return AnomalyQuery(
        application_id=view.filters.application_id,
        prompt_id=view.filters.prompt_id,
        model=view.filters.model,
        start=view.axis.window.start,
        end=view.axis.window.end,
    )


def marks_of(view: View, found: Sequence[Anomaly]) -> dict[str, Happened]:
    """Return what to mark in each chart: publishes in all of them, and its own anomalies."""
    marked: dict[str, list[Mark]] = {key: [] for key in _CARDS.values()}
    for one in found:
        place = view.axis.place(max(one.started_at, view.axis.window.start))
        if place is not None:
            marked[_CARDS[one.measure]].append(
                Mark(place, f"{one.model}: {_WORDS[one.measure]} {_size(one)}")
            )
    return {key: Happened(view.published, marks) for key, marks in marked.items()}


def unusual_list(view: View, found: Sequence[Anomaly], total: int, names: Names) -> None:
    """Draw what nobody has looked at yet, and behind a click the rest."""
    now = clock.now()
    waiting = [one for one in found if state_of(one, now) == "open"]
    for one in waiting[:_SHOWN]:
        _card(view, one, names)
    rest = [one for one in found if one not in waiting[:_SHOWN]]
    if not rest:
        return
    shown = len(found) - len(rest)
    more = "more " if shown else ""
    told = f"{formats.counted(total - shown, f'{more}unusual event')} in this period"
    with st.expander(told, icon=":material/troubleshoot:", key="usage_unusual"):
        for one in rest:
            _card(view, one, names)
        if total > len(found):
            st.caption(f"These are the newest {len(found)}.")


def _card(view: View, one: Anomaly, names: Names) -> None:
    with st.container(border=True, gap="small"):
        when = _when(one.started_at, ZoneInfo(view.axis.window.zone))
        model = f"{one.provider}/{one.model}"
        prompt = plain(names.prompt(one.application_id, one.prompt_id))
        st.markdown(
            f"{_badge(one)} **{plain(when)}, {plain(one.model)}: {_WORDS[one.measure]} "
            f"{plain(_size(one))}**, version {plain(one.version)} of *{prompt}*. "
            f"{_figures(one)} {_cause(one)}"
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            _links(view, one, model)
            _acts(view, one)


def _badge(one: Anomaly) -> str:
    match state_of(one, clock.now()):
        case "open":
            return ":orange-badge[:material/troubleshoot: Unusual]"
        case "muted":
            return ":gray-badge[:material/notifications_off: Muted]"
        case "acknowledged":
            return ":gray-badge[:material/check: Seen]"


def _when(at: datetime, zone: ZoneInfo) -> str:
    return f"{formats.day(at, now=clock.now(), zone=zone)}, {at.astimezone(zone):%H:%M}"


def _size(one: Anomaly) -> str:
    if one.measure in {"errors", "blocks"}:
        return f"{formats.share(one.observed)} instead of {formats.share(one.expected)}"
    if not one.expected:
        return f"{_told(one, one.observed)} instead of nothing"
    return f"{one.observed / one.expected:.1f} times the usual"


def _figures(one: Anomaly) -> str:
    seen, low, high = (
        plain(_told(one, value)) for value in (one.observed, one.expected_low, one.expected_high)
    )
    ended = "It goes on." if one.ended_at is None else ""
    return f"{seen} over {formats.counted(one.runs, 'run')}, usual are {low} to {high}. {ended}"


def _told(one: Anomaly, value: float) -> str:
    match one.measure:
        case "cost":
            return formats.money(value)
        case "latency":
            return formats.duration(value)
        case "tokens":
            return f"{value:,.0f} tokens"
        case "errors" | "blocks":
            return formats.share(value)


def _cause(one: Anomaly) -> str:
    if not one.changes:
        return "Nothing that is recorded changed at that time."
    return "At that time: " + "; ".join(_change(change) for change in one.changes[:3]) + "."


def _change(change: Change) -> str:
    what = {
        "publish": "published",
        "rollback": "rolled back",
        "label": "label moved",
        "new_version": "first run of the version",
        "new_model": "first run on the model",
        "new_price": "new price",
        "connection": "connection changed",
    }[change.kind]
    moved = f" from {change.before} to {change.after}" if change.before and change.after else ""
    told = f"{what} {change.subject}{moved}" if change.subject else f"{what}{moved}"
    return plain(told if moved or not change.after else f"{told} {change.after}")


def _links(view: View, one: Anomaly, model: str) -> None:
    prompt = {"prompt": one.prompt_id, "application": str(one.application_id)}
    published = next((c for c in one.changes if c.kind == "publish" and c.before and c.after), None)
    if published:
        st.page_link(
            page_path("versions"),
            label=f"Compare {plain(published.before)} and {plain(published.after)}",
            icon=":material/compare:",
            query_params=prompt | {"compare": f"{published.before}..{published.after}"},
        )
    else:
        st.page_link(
            page_path("versions"),
            label="See its versions",
            icon=":material/history:",
            query_params=prompt,
        )
    end = one.ended_at or clock.now()
    runs = link(one.started_at, end, **prompt, version=one.version, by_model=model)
    st.page_link(
        page_path("executions"),
        label=f"See {formats.counted(one.runs, 'run')}",
        icon=":material/list_alt:",
        query_params=view.log_query(runs),
    )


def _acts(view: View, one: Anomaly) -> None:
    role = view.scope.role_in(one.application_id)
    state = state_of(one, clock.now())
    if state == "muted" and role in {"operator", "admin"}:
        _unmute(view, one)
    if state != "open" or role in {None, "viewer"}:
        return
    seen = once(
        "Seen",
        lambda: acknowledge(view.scope, one.key),
        key=f"seen_{one.key}",
        done=lambda _: "Marked as seen.",
        type="tertiary",
        icon=":material/check:",
    )
    errors = [seen.error]
    if role in {"operator", "admin"}:
        errors.append(_mute(view, one))
    for error in filter(None, errors):
        problem.show(error)


def _mute(view: View, one: Anomaly) -> PromptHubError | None:
    key = f"mute_{one.key}"
    press = press_of(key, Anomaly)

    def act() -> Coroutine[Any, Any, Anomaly]:
        return mute(view.scope, one.key, _MUTED_HOURS[st.session_state[key]])

    st.menu_button(
        "Mute",
        list(_MUTED_HOURS),
        key=key,
        type="tertiary",
        help="Its like is listed, but warns nobody for that time.",
        on_click=press.fire,
        args=(press.number, act, _tell_muted),
    )
    return press.error


def _unmute(view: View, one: Anomaly) -> None:
    done = once(
        "Unmute",
        lambda: mute(view.scope, one.key, 0),
        key=f"unmute_{one.key}",
        done=lambda _: f"The {_WORDS[one.measure]} of {plain(one.model)} warn again.",
        type="tertiary",
        icon=":material/notifications:",
    )
    if done.error:
        problem.show(done.error)


def _tell_muted(one: Anomaly) -> str:
    return f"Muted the {_WORDS[one.measure]} of {plain(one.model)}."
