"""Own starting the REST API alone: `python -m core.api`."""

import uvicorn

from core.api.app import create_app
from core.settings import Settings


def main() -> None:
    """Serve until the process is asked to end.

    One process: several uvicorn workers on asyncio's own loop add 44 ms to each request of a
    connection kept alive, so a load balancer in front of several processes is the way to more.
    """
    settings = Settings()
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
