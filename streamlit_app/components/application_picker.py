"""Own finding an application by a few letters of its name, for filters of lists."""

from collections.abc import Callable
from functools import partial

from bson import ObjectId

from core.accounts.directory import ApplicationQuery, find_applications
from core.values.scope import Scope
from streamlit_app.components.search_list import SHOWN, Offer, Offers, search_popover
from streamlit_app.formats import counted, plain

ALL_APPLICATIONS = "All applications"


def application_picker(
    scope: Scope,
    name: str,
    *,
    key: str,
    on_pick: Callable[[ObjectId], None],
    on_any: Callable[[], None] | None,
    width: int,
    administered: bool = False,
) -> None:
    """Draw a button with the name of the application chosen, "" for all, that opens the search.

    `administered` offers those alone in which the viewer is an admin.
    """
    search_popover(
        name or ALL_APPLICATIONS,
        "Name of an application",
        key=key,
        width=width,
        find=partial(_find, scope, administered=administered),
        on_pick=on_pick,
        any_label=ALL_APPLICATIONS,
        on_any=on_any,
    )


async def _find(scope: Scope, text: str, *, administered: bool) -> Offers[ObjectId]:
    query = ApplicationQuery(text=text, administered=administered)
    page = await find_applications(scope, query, limit=SHOWN)
    offers = [Offer(plain(one.name), one.key) for one in page.items]
    more = f"{counted(page.total, 'application')}; type to narrow them down."
    return Offers(offers, more if page.total > SHOWN else "")
