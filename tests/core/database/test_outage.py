"""Which errors of the driver pass by themselves."""

import pytest
from pymongo.errors import (
    AutoReconnect,
    DuplicateKeyError,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)

from core.database.outage import find_outage


@pytest.mark.parametrize(
    "error",
    [
        AutoReconnect("connection closed"),
        NotPrimaryError("not primary"),
        ServerSelectionTimeoutError("no server"),
        OperationFailure("no keys found for HMAC", code=211),
    ],
)
def test_a_server_that_is_away_or_starting_is_an_outage(error: PyMongoError) -> None:
    outage = find_outage(error)

    assert outage is not None
    assert outage.what == "database"


@pytest.mark.parametrize("error", [DuplicateKeyError("taken"), OperationFailure("wrong", code=2)])
def test_a_wrong_question_is_none(error: PyMongoError) -> None:
    assert find_outage(error) is None
