"""Own the choices of the page: application, prompt, model, period; all are in the address."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import streamlit as st
from bson import ObjectId

from core import clock
from core.analytics.question import Filters
from core.analytics.stretches import day_of, day_start, floor_to
from core.analytics.window import Bucket, Window, make_window
from core.values.scope import Scope
from streamlit_app import bridge, viewer
from streamlit_app.components.analytics.view import Around
from streamlit_app.components.application_picker import application_picker
from streamlit_app.components.prompt_address import asked_for
from streamlit_app.components.prompt_picker import Found, prompt_picker

ALL_MODELS: Final = "All models"
USUAL: Final = "30 d"
_HOUR: Final = timedelta(hours=1)


class Period(NamedTuple):
    """How long a window is, in words and in days, and by what it can be cut; the first is usual."""

    told: str
    days: int
    buckets: tuple[Bucket, ...]


PERIODS: Final[Mapping[str, Period]] = {
    "24 h": Period("24 hours", 1, ("hour",)),
    "7 d": Period("7 days", 7, ("day", "hour")),
    "30 d": Period("30 days", 30, ("day", "hour", "week")),
    "90 d": Period("90 days", 90, ("day", "week", "month")),
    "1 y": Period("365 days", 365, ("week", "day", "month")),
    "2 y": Period("730 days", 730, ("month", "week", "day")),
}


def choose_scope(scope: Scope, around: Around) -> Filters:
    """Draw the choice of application, prompt and model, and return what is counted."""
    asked = asked_for()
    application = around.application
    if around.survey.total > 1:
        application_picker(
            scope,
            application.name if application else "",
            key="usage_application",
            on_pick=_choose_application,
            on_any=_any_application if application else None,
            width=165,
        )
    prompt_picker(
        scope,
        asked.prompt_id or "All prompts",
        key="usage_prompt",
        on_pick=_choose_prompt,
        width=145,
        on_any=_any_prompt if asked.prompt_id else None,
    )
    return Filters(
        application_id=application.key if application else None,
        prompt_id=asked.prompt_id,
        model=_model() or None,
    )


def choose_period() -> str:
    """Draw the choice of the period."""
    chosen = st.segmented_control(
        "Period",
        list(PERIODS),
        default=USUAL,
        required=True,
        key="span",
        bind="query-params",
        label_visibility="collapsed",
    )
    return chosen or USUAL


def choose_bucket(period: str) -> Bucket:
    """Draw the choice of what the period is cut into, where there is one."""
    buckets = PERIODS[period].buckets
    if len(buckets) == 1:
        return buckets[0]
    asked = st.query_params.get("bucket")
    st.session_state["usage_bucket"] = asked if asked in buckets else buckets[0]
    chosen = st.segmented_control(
        "By",
        sorted(buckets, key=("hour", "day", "week", "month").index),
        format_func=str.capitalize,
        required=True,
        key="usage_bucket",
        label_visibility="collapsed",
        on_change=_write,
        args=("usage_bucket", "bucket"),
    )
    return chosen or buckets[0]


def window_of(period: str, bucket: Bucket, zone: ZoneInfo) -> Window:
    """Return the window to now: full local days, the last one up to now, or full hours."""
    return make_window(_start(period, zone), bucket=bucket, zone=zone.key)


def zone_of(around: Around) -> ZoneInfo:
    """Return the reporting zone of the application, or that all share, or the browser's."""
    chosen = around.application
    zones = {chosen.time_zone} if chosen else around.survey.time_zones
    return ZoneInfo(*zones) if len(zones) == 1 else viewer.zone()


def _start(period: str, zone: ZoneInfo) -> datetime:
    now = clock.now()
    days = PERIODS[period].days
    if days == 1:
        return floor_to(now, _HOUR) - timedelta(hours=23)
    return day_start(day_of(now, zone) - timedelta(days=days - 1), zone)


def _model() -> str:
    known = [model.name for model in bridge.run(viewer.runtime().engine.registry.models())]
    asked = st.query_params.get("model", "")
    st.session_state["usage_model"] = asked or ALL_MODELS
    chosen = st.selectbox(
        "Model",
        [ALL_MODELS, *known, *([asked] if asked and asked not in known else [])],
        key="usage_model",
        accept_new_options=True,
        label_visibility="collapsed",
        width=145,
        on_change=_write_model,
    )
    return "" if chosen in {None, ALL_MODELS} else str(chosen)


def _write(key: str, name: str) -> None:
    value: str | None = st.session_state[key]
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


def _choose_application(application_id: ObjectId) -> None:
    st.query_params.pop("prompt", None)
    st.query_params["application"] = str(application_id)


def _any_application() -> None:
    st.query_params.pop("prompt", None)
    st.query_params.pop("application", None)


def _write_model() -> None:
    if st.session_state["usage_model"] == ALL_MODELS:
        st.query_params.pop("model", None)
    else:
        _write("usage_model", "model")


def _choose_prompt(prompt: Found) -> None:
    st.query_params["prompt"] = prompt.prompt_id
    st.query_params["application"] = str(prompt.application_id)


def _any_prompt() -> None:
    st.query_params.pop("prompt", None)
    st.session_state["usage_prompt_open"] = False
