"""Own the drawer with all ratings of one version, newest first."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import streamlit as st
from bson import ObjectId

from core.accounts.directory import find_people
from core.documents import Feedback, Prompt, PromptVersion, User
from core.errors import PromptHubError
from core.feedback import FeedbackPage, list_feedback
from core.prompts.catalogue import get_prompt
from core.prompts.versions import get_version
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components import problem
from streamlit_app.components.when import ago, exact
from streamlit_app.formats import counted, plain, rating
from streamlit_app.navigation import page_path

PARAMETER: Final = "ratings"
PAGE_SIZE: Final = 10
_PAGE: Final = "ratings_page"


class _Rated(NamedTuple):
    prompt: Prompt
    version: PromptVersion
    page: FeedbackPage
    people: Mapping[ObjectId, User]


def open_ratings(application_id: ObjectId, prompt_id: str, version: str) -> None:
    """Name the version in the address, which opens its drawer; for callbacks."""
    st.session_state.pop(_PAGE, None)
    st.query_params[PARAMETER] = f"{application_id}/{prompt_id}/{version}"


def close_ratings() -> None:
    """Take it from the address again; for callbacks."""
    st.query_params.pop(PARAMETER, None)


def show_ratings(scope: Scope) -> None:
    """Open the drawer of the version that the address names, if it names one."""
    asked = st.query_params.get(PARAMETER)
    if not asked:
        return
    application, _, rest = asked.partition("/")
    prompt_id, _, number = rest.rpartition("/")
    owner = ObjectId(application) if ObjectId.is_valid(application) else ObjectId()
    skip = (int(st.session_state.get(_PAGE) or 1) - 1) * PAGE_SIZE
    try:
        found = bridge.run(_load(scope, owner, prompt_id, number, skip))
    except PromptHubError as error:
        close_ratings()
        problem.show(error)
        return

    @st.dialog(
        plain(f"{found.prompt.name} {found.version.version}"),
        position="right",
        width=560,
        icon=":material/reviews:",
        on_dismiss=close_ratings,
    )
    def drawer() -> None:
        _head(found)
        for one in found.page.items:
            _one(one, author(found.people, one.user_id, scope))
        pages = -(-found.page.total // PAGE_SIZE)
        if pages > 1 and st.pagination(pages, key=_PAGE) != skip // PAGE_SIZE + 1:
            st.rerun()

    drawer()


async def _load(scope: Scope, owner: ObjectId, prompt_id: str, number: str, skip: int) -> _Rated:
    prompt = await get_prompt(scope, prompt_id, owner)
    version = await get_version(scope, prompt, number)
    page = await list_feedback(scope, prompt, version, skip=skip, limit=PAGE_SIZE)
    people = await find_people(scope, {one.user_id for one in page.items})
    return _Rated(prompt, version, page, people)


def author(people: Mapping[ObjectId, User], user_id: ObjectId, scope: Scope) -> str:
    """Return who wrote something, as far as the viewer may know."""
    if user_id == scope.user_id:
        return "you"
    known = people.get(user_id)
    return (known.full_name or known.email) if known else "somebody else"


def _head(found: _Rated) -> None:
    whole = found.page.rating
    if whole is None:
        st.markdown("Nobody has rated this version yet.")
    else:
        low, high = whole.low or whole.mean, whole.high or whole.mean
        st.markdown(
            f"**{rating(float(whole.mean), whole.count)}** :small[:gray[mean of "
            f"{counted(whole.count, 'rating')}, 95 % interval {low:.1f} to {high:.1f}]]"
        )
    about = {
        "prompt": found.prompt.prompt_id,
        "application": str(found.prompt.application_id),
        "version": found.version.version,
    }
    with st.container(horizontal=True):
        st.page_link(
            page_path("editor"),
            label="Open in editor",
            icon=":material/edit_note:",
            query_params=about,
        )
        st.page_link(
            page_path("executions"),
            label="Its runs",
            icon=":material/list_alt:",
            query_params={**about, "period": "Last 30 days"},
        )


def _one(one: Feedback, who: str) -> None:
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            st.markdown(
                f"**{one.rating}** of 5 :small[:gray[{plain(who)} · {ago(one.updated_at)}]]",
                width="content",
                help=exact(one.updated_at),
            )
            if one.execution_id:
                st.page_link(
                    page_path("executions"),
                    label="Answer",
                    icon=":material/list_alt:",
                    query_params={"execution": str(one.execution_id)},
                    width="content",
                )
        if one.comment:
            st.markdown(plain(one.comment))
        if one.improvement_suggestion:
            done = " · done" if one.done_at else ""
            st.markdown(f":small[:gray[Suggestion{done}]]")
            st.markdown(plain(one.improvement_suggestion))
