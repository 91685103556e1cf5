"""Own how the parts become one ASGI application: Streamlit at `/`, REST at `/api`, sessions."""

import asyncio
import logging
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.types import ASGIApp
from streamlit.web import bootstrap

from core.api.app import PREFIX, attach, create_api
from core.runtime import Runtime, host_names
from core.settings import ServerSettings
from streamlit_app import bridge, viewer
from streamlit_app.addresses import base_path
from streamlit_app.edge import Edge
from streamlit_app.navigation import url_paths
from streamlit_app.session_routes import session_routes

HERE = Path(__file__).parent

_log = logging.getLogger(__name__)


def create_application(
    runtime: Runtime, loop: asyncio.AbstractEventLoop, *, reloads: bool
) -> ASGIApp:
    """Build what the server serves and tell the pages about the runtime and the loop."""
    bridge.attach(loop)
    viewer.install(runtime)
    api = create_api(runtime.settings.api)
    attach(api, runtime)
    server = runtime.settings.server
    application = st.App(
        HERE / "main.py",
        routes=[Mount(base_path(server) + PREFIX, app=api), *session_routes(runtime)],
        middleware=[Middleware(Edge, server=server, pages=url_paths())],
        on_script_error=tell_defect,
    )
    # After the line above, which tells Streamlit where `.streamlit/config.toml` is.
    bootstrap.load_config_options(streamlit_options(server, reloads=reloads))
    return application


def streamlit_options(server: ServerSettings, *, reloads: bool) -> dict[str, object]:
    """Return the options of Streamlit that depend on our settings; the others are in its file.

    With `reloads` pages are watched, but not the modules they share: dropping those would drop
    the runtime they hold.
    """
    options: dict[str, object] = {
        "server.address": server.address,
        "server.port": server.port,
        "server.baseUrlPath": base_path(server).lstrip("/"),
        # Streamlit would ask the internet for this machine's address to compare hosts with.
        "browser.serverAddress": urlsplit(server.public_url).hostname or server.address,
    }
    names = host_names(server)
    if names is not None:
        options["server.allowedHosts"] = sorted(names)
    if reloads:
        options["server.fileWatcherType"] = "auto"
        options["server.runOnSave"] = True
        options["server.folderWatchBlacklist"] = [str(HERE.parent)]
    return options


def tell_defect(error: Exception) -> bool:
    """Log a page's defect and say so in its place, without its insides."""
    _log.error("A page failed", exc_info=error)
    st.error(
        "**Something went wrong on this page.** It is a defect of the program, and its log has "
        "the details. Load the page again; what you saved is kept.",
        icon=":material/error:",
    )
    return True
