"""Own what one process needs to serve: the open database, the engine, keys and throttles."""

import os
import re
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from core import clock, worker
from core.accounts.acceptance import repair_invitations
from core.accounts.passwords import PasswordHasher
from core.accounts.throttle import SignInThrottle
from core.accounts.tickets import Tickets
from core.accounts.users import has_users, repair_first_application
from core.connections.follow import PAUSE_SECONDS, Follower
from core.connections.keyring import Keyring
from core.database.open import opened
from core.database.secrets import load_secret
from core.embeddings.loading import Embeddings
from core.execution.run import Engine
from core.extraction.sources import Extractor
from core.prompts.repair import repair_prompts
from core.providers.registry import Registry
from core.rate_limits import RateLimits
from core.search.embedding import PAUSE_SECONDS as EMBEDDING_PAUSE_SECONDS
from core.search.embedding import CatchUp
from core.search.engine import PAUSE_SECONDS as SEARCH_PAUSE_SECONDS
from core.search.engine import SearchEngine
from core.settings import ServerSettings, Settings
from core.tracing.opening import traced

# How soon a thread that computes (templates, checks, hashes) hands over to the event loop. While
# hostile templates came in, 99 of 100 pages took 0.57 s with Python's own 5 ms, 0.27 s with 1 ms.
SWITCH_SECONDS: Final = 0.001

LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_PORT: Final = re.compile(r":\d+$")


@dataclass(frozen=True, slots=True)
class Runtime:
    """The dependencies of pages and routers; one instance lives as long as the process.

    `setup_token` is None where only this machine reaches the server, and not through a proxy:
    whoever does owns the machine.
    """

    settings: Settings
    engine: Engine
    token_key: SecretStr
    setup_token: SecretStr | None
    keyring: Keyring
    connections: Follower
    hasher: PasswordHasher
    limits: RateLimits
    throttle: SignInThrottle
    tickets: Tickets
    embeddings: Embeddings
    search: SearchEngine
    extractor: Extractor
    turns: worker.Turns = field(default_factory=dict[str, worker.Turn])
    started_at: datetime = field(default_factory=clock.now)


@asynccontextmanager
async def started(settings: Settings) -> AsyncGenerator[Runtime]:
    """Open the database, repair what a crash left, work in the background; undo it all at the end.

    Raises:
        NotConfigured, Unavailable: no database can be started or reached.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    async with AsyncExitStack() as stack:
        tracing = await stack.enter_async_context(traced(settings.otel))
        await stack.enter_async_context(opened(settings.mongo, settings.data_dir))
        await repair_first_application()
        await repair_invitations()
        await repair_prompts()
        registry = Registry.from_settings(settings.providers, os.environ)
        stack.push_async_callback(registry.close)
        keyring = Keyring(settings.data_dir, settings.connections)
        connections = Follower(registry, keyring)
        await connections.refresh()
        limits = RateLimits.from_settings(settings.redis)
        stack.push_async_callback(limits.close)
        engine = Engine(registry, settings.providers, settings.execution, limits, tracing=tracing)
        runtime = _build(settings, keyring, connections, engine=engine)
        await _announce(runtime)
        await _work_beside(stack, runtime)
        yield runtime


async def _work_beside(stack: AsyncExitStack, runtime: Runtime) -> None:
    """Do the background work of the process until the stack is left."""
    catch_up = CatchUp(runtime.embeddings, runtime.settings.embeddings)
    stack.push_async_callback(catch_up.close)
    follow, turns = {"follow_connections": runtime.connections.follow}, runtime.turns
    for work in (
        worker.working(turns=turns),
        worker.doing_jobs(runtime.extractor, turns=turns),
        worker.working(
            follow, pause_seconds=PAUSE_SECONDS, first_pause_seconds=PAUSE_SECONDS, turns=turns
        ),
        worker.working(
            {"embed": catch_up.follow}, pause_seconds=EMBEDDING_PAUSE_SECONDS, turns=turns
        ),
        worker.working(
            {"follow_prompts": runtime.search.follow},
            pause_seconds=SEARCH_PAUSE_SECONDS,
            turns=turns,
        ),
    ):
        await stack.enter_async_context(work)


def _build(
    settings: Settings,
    keyring: Keyring,
    connections: Follower,
    *,
    engine: Engine,
) -> Runtime:
    embeddings, limits = Embeddings(), engine.rate
    return Runtime(
        settings=settings,
        engine=engine,
        token_key=load_secret(settings.data_dir, "token-key"),
        setup_token=_setup_token(settings),
        keyring=keyring,
        connections=connections,
        hasher=PasswordHasher.from_settings(settings.accounts),
        limits=limits,
        throttle=SignInThrottle(
            limits,
            per_account=settings.accounts.failed_logins_per_account,
            per_address=settings.accounts.failed_logins_per_address,
            registrations=settings.accounts.registrations_per_address,
        ),
        tickets=Tickets(),
        embeddings=embeddings,
        search=SearchEngine(embeddings),
        extractor=Extractor(settings.extraction),
    )


def is_loopback(address: str) -> bool:
    """Tell whether only this machine can reach the address."""
    if address == "localhost":
        return True
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def host_names(server: ServerSettings) -> frozenset[str] | None:
    """Return the host names that requests may carry, None when they cannot be known.

    A page of another site whose name is made to point at this machine (DNS rebinding) would
    otherwise be of the same origin as a server that only this machine can reach.
    """
    if not is_loopback(server.address):
        return None
    public = urlsplit(server.public_url).hostname
    return LOOPBACK_NAMES | {server.address} | frozenset([public] if public else [])


def host_of(headers: Mapping[str, str]) -> str:
    """Return the host name that a request was sent to, without the port."""
    return _PORT.sub("", headers.get("host", ""))


def _setup_token(settings: Settings) -> SecretStr | None:
    server = settings.server
    public = urlsplit(server.public_url).hostname
    if is_loopback(server.address) and (public is None or is_loopback(public)):
        return None
    return load_secret(settings.data_dir, "setup-token")


async def _announce(runtime: Runtime) -> None:
    """Print the set-up token on the console while no account exists; it is never logged."""
    if runtime.setup_token is None or await has_users():
        return
    sys.stderr.write(
        f"\nThe first account needs this set-up token: {runtime.setup_token.get_secret_value()}\n\n"
    )
