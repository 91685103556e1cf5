"""Own the check that plain data somebody sends can be stored and sent back."""

import json
from typing import Any, Final

import bson
from bson.errors import BSONError

from core.errors import Invalid, TooLarge

# With messages and answer a row stays well below MongoDB's 16 MB.
MAX_BYTES: Final = 1024 * 1024


def check_storable(value: Any, *, field: str) -> None:
    """Pass for plain data that JSON and BSON both hold.

    Raises:
        Invalid: it holds NaN, an integer beyond 64 bits, half a surrogate pair, a NUL in a key,
            too deep nesting, or a thing that is not plain data.
        TooLarge: its JSON is longer than `MAX_BYTES`.
    """
    try:
        size = len(json.dumps(value, allow_nan=False, ensure_ascii=False).encode())
        bson.encode({field: value})
    except (ValueError, TypeError, OverflowError, RecursionError, BSONError) as error:
        raise Invalid(
            "It holds something that cannot be stored.",
            field=field,
            remedy="Send plain text, finite numbers of at most 64 bits, true, false, lists and "
            "objects.",
        ) from error
    if size > MAX_BYTES:
        raise TooLarge(f"It is longer than {MAX_BYTES // 1024} KiB.", field=field, limit=MAX_BYTES)
