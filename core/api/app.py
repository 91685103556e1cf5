"""Own the REST API as one ASGI application, mounted below `/api` by either entry point."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from typing import Final

import orjson
from fastapi import APIRouter, FastAPI
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount

from core import telemetry
from core.api import (
    analytics,
    anomalies,
    applications,
    audit,
    auth,
    connections,
    docs_page,
    enhancement,
    execution_log,
    executions,
    extraction,
    feedback,
    health,
    invitations,
    jobs,
    metrics,
    prompts,
    search,
    transfer,
    users,
    versions,
)
from core.api.compression import Compression
from core.api.cors import allow_origins
from core.api.edge import Edge, OwnHosts
from core.api.metrics import metrics_port
from core.api.openapi import describe_api
from core.api.problems import HANDLERS
from core.api.short_path import ShortPath
from core.runtime import Runtime, host_names, started
from core.settings import ApiSettings, Settings, read_settings
from prompthub import __version__

PREFIX: Final = "/api"
TITLE: Final = "PromptHub"
ROUTERS: Final = (
    health.router,
    metrics.router,
    auth.public,
    auth.signed_in,
    users.router,
    audit.router,
    connections.router,
    connections.trials,
    applications.router,
    invitations.router,
    search.router,
    search.of_prompt,
    prompts.library,
    prompts.router,
    prompts.readable,
    transfer.files,
    transfer.copies,
    versions.router,
    versions.readable,
    feedback.router,
    enhancement.remarks,
    enhancement.rewrites,
    executions.saved,
    executions.unsaved,
    execution_log.router,
    execution_log.of_person,
    analytics.router,
    anomalies.router,
    extraction.fetches,
    extraction.uploads,
    extraction.router,
    extraction.of_prompt,
    extraction.checks,
    jobs.router,
)


def create_api(settings: ApiSettings) -> FastAPI:
    """Build the API to be mounted at `/api`.

    Whoever mounts it opens the runtime and hands it over with `attach` before the first request.
    """
    api = FastAPI(
        title=TITLE,
        version=__version__,
        routes=_routes(),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers=dict(HANDLERS),
        # `core.telemetry` owns it; FastAPI's would quote what clients typed.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    docs_page.add_to(api, _described)
    api.add_middleware(ShortPath)
    api.add_middleware(Compression)
    allow_origins(api, settings.cors_origins)
    api.add_middleware(Edge)
    return api


@cache
def _routes() -> list[BaseRoute]:
    """Return what is served; FastAPI works the parameters out at the first call, once for all."""
    api = APIRouter()
    for router in ROUTERS:
        api.include_router(router, prefix="/v1")
    return api.routes


@cache
def _described() -> bytes:
    """Return the description as it is sent; it takes 0.6 s, which nobody waits for at a start."""
    api = FastAPI(title=TITLE, version=__version__, routes=_routes())
    return orjson.dumps(describe_api(api, prefix=PREFIX))


def attach(api: FastAPI, runtime: Runtime) -> None:
    """Let the API serve with this runtime."""
    api.state.runtime = runtime


def create_app(settings: Settings | None = None) -> Starlette:
    """Build the API alone, with its own start and end (`make api`)."""
    chosen = settings or read_settings()
    telemetry.configure(chosen.telemetry)
    api = create_api(chosen.api)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        async with started(chosen) as runtime, metrics_port(runtime):
            attach(api, runtime)
            app.state.runtime = runtime
            yield

    app = Starlette(
        routes=[Mount(PREFIX, app=api)],
        middleware=[Middleware(OwnHosts, names=host_names(chosen.server))],
        exception_handlers=dict(HANDLERS),
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app
