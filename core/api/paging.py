"""Own the paging of lists: the parameters, and the opaque cursor of the next page."""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Annotated, Any, Final, NamedTuple

from fastapi import Depends, Query

from core.errors import Invalid

DEFAULT_LIMIT: Final = 20
MAX_LIMIT: Final = 100
# Cursors are opaque, so that positions can become keys without a change for clients.
_POSITION: Final = re.compile(rb"after:([0-9]{1,9})")


class PageAsked(NamedTuple):
    """Which part of a list is asked for."""

    skip: int
    limit: int

    def part_of(
        self, items: Sequence[Any], total: int, *, total_is_capped: bool = False
    ) -> dict[str, Any]:
        """Return the members of a page: the items, the cursor of the next page, the total."""
        following = self.skip + self.limit
        more = len(items) == self.limit and (following < total or total_is_capped)
        return {
            "items": items,
            "next_cursor": _to_cursor(following) if more else None,
            "total": total,
        }


def _to_cursor(position: int) -> str:
    return base64.urlsafe_b64encode(b"after:%d" % position).decode().rstrip("=")


async def _read_page(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Items per page.")] = DEFAULT_LIMIT,
    cursor: Annotated[
        str | None, Query(max_length=64, description="`next_cursor` of the page before.")
    ] = None,
) -> PageAsked:
    return PageAsked(0 if cursor is None else _from_cursor(cursor), limit)


def _from_cursor(cursor: str) -> int:
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        position = _POSITION.fullmatch(base64.b64decode(padded, altchars="-_", validate=True))
    except (binascii.Error, ValueError):
        position = None
    if position is None:
        raise Invalid(
            "The cursor is not one that was given out.",
            field="query.cursor",
            remedy="Leave it out for the first page, then send next_cursor unchanged.",
        )
    return int(position[1])


AskedPage = Annotated[PageAsked, Depends(_read_page)]
