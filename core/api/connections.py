"""Own the routes of stored connections, for superusers."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from core.api.answers import answer
from core.api.dependencies import AskingScope, Running, to_value
from core.api.paging import AskedPage
from core.api.strict_route import UserRoute, UserRunRoute
from core.connections import store, trial
from core.connections.fields import ConnectionChanges, NewConnection
from core.documents import Connection
from prompthub.wire import connections as wire
from prompthub.wire.base import Page

router = APIRouter(prefix="/connections", route_class=UserRoute, tags=["connections"])
trials = APIRouter(prefix="/connections", route_class=UserRunRoute, tags=["connections"])

Name = Annotated[str, Path(description="The part of a model before the first slash.")]


@router.post("", status_code=201, response_model=wire.Connection)
async def create_connection(
    body: wire.NewConnection, scope: AskingScope, runtime: Running
) -> Response:
    """Store a connection; it hides one of the environment with the same name."""
    scope.require_superuser()
    new = to_value(NewConnection, body.model_dump())
    created = await store.create_connection(scope, new, keyring=runtime.keyring)
    await runtime.connections.refresh()
    location = f"/api/v1/connections/{created.name}"
    return answer(_show(created), status=201, headers={"Location": location})


@router.get("", response_model=Page[wire.Connection])
async def list_connections(scope: AskingScope, asked: AskedPage) -> Response:
    """List the stored connections by name; those of the environment are not among them."""
    found = await store.list_connections(scope)
    part = [_show(one) for one in found[asked.skip : asked.skip + asked.limit]]
    return answer(Page[wire.Connection](**asked.part_of(part, len(found))))


@router.get("/suggestions", response_model=wire.LocalServers)
async def suggest_connections(scope: AskingScope) -> Response:
    """Look for servers of models on this machine: llama.cpp, Ollama, LM Studio, vLLM."""
    found = await trial.find_local_servers(scope)
    shown = [
        wire.LocalServer(name=one.name, base_url=one.base_url, models=list(one.models))
        for one in found
    ]
    return answer(wire.LocalServers(items=shown))


@router.get("/{name}", response_model=wire.Connection)
async def get_connection(name: Name, scope: AskingScope) -> Response:
    """Show one stored connection, without its key."""
    return answer(_show(await store.get_connection(scope, name)))


@router.put("/{name}", response_model=wire.Connection)
async def change_connection(
    name: Name, body: wire.ConnectionChanges, scope: AskingScope, runtime: Running
) -> Response:
    """Change a connection; a new address or vendor needs its key entered again."""
    scope.require_superuser()
    changes = to_value(ConnectionChanges, body.model_dump(exclude_unset=True))
    after = await store.update_connection(scope, name, changes, keyring=runtime.keyring)
    await runtime.connections.refresh()
    return answer(_show(after))


@router.delete("/{name}", status_code=204)
async def delete_connection(name: Name, scope: AskingScope, runtime: Running) -> Response:
    """Delete a connection and its key."""
    await store.delete_connection(scope, name)
    await runtime.connections.refresh()
    return Response(status_code=204)


@trials.post("/{name}/test", response_model=wire.Trial)
async def test_connection(
    name: Name, body: wire.TrialRequest, scope: AskingScope, runtime: Running
) -> Response:
    """Try a connection, of the environment too: list its models, or ask one for a word."""
    tried = await trial.try_connection(
        scope,
        name,
        keyring=runtime.keyring,
        own=runtime.engine.registry.own,
        model=body.model,
    )
    return answer(
        wire.Trial(
            is_working=tried.is_working,
            message=tried.message,
            latency_ms=tried.latency_ms,
            models=list(tried.models),
        )
    )


def _show(connection: Connection) -> wire.Connection:
    return wire.Connection(
        name=connection.name,
        kind=connection.kind,
        base_url=connection.base_url,
        vendor=connection.vendor,
        has_key=bool(connection.encrypted_key),
        key_hint=connection.key_hint,
        models=connection.models,
        price_overrides=connection.price_overrides,
        is_active=connection.is_active,
        created_at=connection.created_at,
        updated_at=connection.updated_at,
    )
