"""Own the routes that tell whether the process lives and can serve."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core.api.answers import answer
from core.api.callers import runtime_of
from core.api.strict_route import StrictRoute
from core.documents import SchemaMeta
from prompthub import __version__
from prompthub.wire.health import Health, Readiness

router = APIRouter(route_class=StrictRoute, tags=["health"])


@router.get("/health", response_model=Health)
async def show_health() -> Response:
    """Tell that the process answers; it asks nothing else."""
    return answer(Health(version=__version__))


@router.get("/ready", response_model=Readiness)
async def show_readiness(request: Request) -> Response:
    """Tell whether requests can be served: 503 without the database, degraded parts are named."""
    await SchemaMeta.collection().database.command("ping")
    runtime = runtime_of(request)
    degraded = ["providers"] if runtime.engine.registry.is_demo_only else []
    if runtime.embeddings.status in {"warming", "failed"}:
        degraded.append(f"embedder: {runtime.embeddings.notice}")
    return answer(Readiness(degraded=degraded))
