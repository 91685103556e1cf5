"""Own which other sites' pages may call the API: none, or those of an exact list."""

from typing import Final

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

METHODS: Final = ("GET", "POST", "PUT", "DELETE")
SENT: Final = (
    "Authorization",
    "X-API-Key",
    "Content-Type",
    "If-Match",
    "If-None-Match",
    "Idempotency-Key",
    "X-Request-ID",
)
READ: Final = (
    "ETag",
    "Location",
    "Retry-After",
    "WWW-Authenticate",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "X-Request-ID",
)
REMEMBERED_SECONDS: Final = 600


def allow_origins(api: FastAPI, origins: tuple[str, ...]) -> None:
    """Let pages of these origins call the API: no cookies, no wildcard, nothing reflected."""
    if origins:
        api.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=METHODS,
            allow_headers=SENT,
            expose_headers=READ,
            max_age=REMEMBERED_SECONDS,
        )
