"""Own the changes of stored connections from the page, each counting at once in this process."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from core.connections.fields import ConnectionChanges, NewConnection
from core.connections.store import create_connection, delete_connection, update_connection
from core.documents import Connection
from streamlit_app import viewer

T = TypeVar("T")


def add(new: NewConnection) -> Coroutine[Any, Any, Connection]:
    """Return the storing of a connection, to be run on the event loop."""
    created = create_connection(viewer.scope(), new, keyring=viewer.runtime().keyring)
    return _and_follow(created)


def change(name: str, changes: ConnectionChanges) -> Coroutine[Any, Any, Connection]:
    """Return the changing of a connection, to be run on the event loop."""
    changed = update_connection(viewer.scope(), name, changes, keyring=viewer.runtime().keyring)
    return _and_follow(changed)


def delete(name: str) -> Coroutine[Any, Any, str]:
    """Return the deletion of a connection, which gives its name, to be run on the event loop."""

    async def delete_it() -> str:
        await delete_connection(scope, name)
        return name

    scope = viewer.scope()
    return _and_follow(delete_it())


def _and_follow(operation: Coroutine[Any, Any, T]) -> Coroutine[Any, Any, T]:
    # The viewer is asked here: on the event loop there is no session.
    connections = viewer.runtime().connections

    async def both() -> T:
        result = await operation
        await connections.refresh()
        return result

    return both()
