"""Own the choice of the time zone by which an application's months begin and end."""

from zoneinfo import available_timezones

import streamlit as st

from core.documents import Application
from streamlit_app.components.applications.acts import field_key

_LEFT_OUT = ("posix/", "right/", "localtime")


def zone_select(application: Application) -> None:
    """Draw the zones of the IANA database."""
    zones = sorted(name for name in available_timezones() if not name.startswith(_LEFT_OUT))
    if application.time_zone not in zones:
        zones.insert(0, application.time_zone)
    st.selectbox(
        "Time zone",
        zones,
        index=zones.index(application.time_zone),
        key=field_key(application, "zone"),
        help="A month begins and ends by it, and so do the days of its figures.",
    )
