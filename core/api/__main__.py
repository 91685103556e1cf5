"""Own starting the REST API alone: `python -m core.api`."""

import uvicorn

from core.api.app import create_app
from core.errors import NotConfigured
from core.settings import read_settings


def main() -> None:
    """Serve until the process is asked to end.

    One process: several uvicorn workers on asyncio's own loop add 44 ms to each request of a
    connection kept alive, so a load balancer in front of several processes is the way to more.
    """
    try:
        settings = read_settings()
    except NotConfigured as error:
        raise SystemExit(f"The REST API cannot start. {error.message}") from None
    uvicorn.run(
        create_app(settings),
        host=settings.server.address,
        port=settings.server.port,
        proxy_headers=bool(settings.server.trusted_proxies),
        forwarded_allow_ips=list(settings.server.trusted_proxies),
        server_header=False,
        access_log=False,
        log_config=None,
    )


if __name__ == "__main__":
    main()
