"""Own the judgement whether an error of the driver is an outage, which passes by itself."""

from typing import Final

from pymongo.errors import ConnectionFailure, ExecutionTimeout, PyMongoError, WTimeoutError

from core.errors import Unavailable

# A server that was killed cannot check the signed times of its clients until it has read its keys.
# Source: MongoDB 6.0, src/mongo/base/error_codes.yml
KEY_NOT_FOUND: Final = 211


def find_outage(error: PyMongoError) -> Unavailable | None:
    """Return what to tell when the database is away or just starting, None for anything else."""
    away = (ConnectionFailure, ExecutionTimeout, WTimeoutError)
    if error.timeout or isinstance(error, away) or getattr(error, "code", None) == KEY_NOT_FOUND:
        return Unavailable(
            "The database does not answer now.", what="database", remedy="Try again in a moment."
        )
    return None
