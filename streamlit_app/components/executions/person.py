"""Own the filter by person: the viewer, or somebody of a common application; by address."""

from functools import partial
from typing import Final

import streamlit as st
from bson import ObjectId

from core.accounts.directory import find_people, search_people
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components.executions.names import ME, SOMEBODY
from streamlit_app.components.search_list import SHOWN, Offer, Offers, search_popover
from streamlit_app.formats import plain

EVERYONE: Final = "Everyone"
_BY: Final = "by"


def asked_person() -> ObjectId | None:
    """Return the person that the address names."""
    asked = st.query_params.get(_BY, "")
    return ObjectId(asked) if ObjectId.is_valid(asked) else None


def person_picker(scope: Scope, person_id: ObjectId | None) -> str:
    """Draw the filter; return what the person is called, "" for everyone."""
    name = _name(scope, person_id) if person_id else ""
    search_popover(
        name or EVERYONE,
        "Name or email",
        key="runs_person",
        width=150,
        find=partial(_find, scope),
        on_pick=_pick,
        any_label=EVERYONE,
        on_any=forget_person if person_id else None,
    )
    return name


def _name(scope: Scope, person_id: ObjectId) -> str:
    if person_id == scope.user_id:
        return ME
    found = bridge.run(find_people(scope, [person_id]))
    return found[person_id].email if person_id in found else SOMEBODY


async def _find(scope: Scope, text: str) -> Offers[ObjectId]:
    people = await search_people(scope, text, limit=SHOWN + 1)
    mine = [Offer(ME, scope.user_id)] if scope.user_id and not text else []
    others = [
        Offer(f"{plain(one.full_name or one.email)} :small[:gray[{plain(one.email)}]]", one.key)
        for one in people
        if one.key != scope.user_id or text
    ]
    more = "There are more; type to narrow them down." if len(people) > SHOWN else ""
    return Offers([*mine, *others[:SHOWN]], more)


def _pick(person_id: ObjectId) -> None:
    st.query_params[_BY] = str(person_id)
    st.session_state.pop("runs_page", None)
    st.query_params.pop("runs_page", None)


def forget_person() -> None:
    """Show the runs of everyone; for callbacks."""
    for name in (_BY, "runs_page"):
        st.query_params.pop(name, None)
    st.session_state.pop("runs_page", None)
