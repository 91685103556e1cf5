"""Own one version in the timeline: what it is, and what the person may do with it."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from core.analytics.figures import Figures
from core.documents import Prompt, PromptVersion
from core.values.scope import RANK
from prompthub.wire.literals import Role
from streamlit_app.components.badges import label_badge, state_badge
from streamlit_app.components.comparison import tick
from streamlit_app.components.library.figures import show_figures
from streamlit_app.components.people import actor_of
from streamlit_app.components.when import ago, exact
from streamlit_app.formats import plain
from streamlit_app.navigation import page_path

Act = Literal["publish", "roll_back", "label", "unlabel", "delete"]
_ACTS: dict[str, str] = {
    "publish": ":material/publish: Publish...",
    "roll_back": ":material/replay: Roll back to it...",
    "label": ":material/sell: Move a label to it...",
    "unlabel": ":material/label_off: Remove a label...",
    "delete": ":material/delete: Delete the draft...",
}


def labels_of(prompt: Prompt, version: PromptVersion) -> list[str]:
    """Return the labels that point at a version."""
    return [name for name, number in prompt.labels.items() if number == version.version]


def version_row(
    prompt: Prompt, version: PromptVersion, role: Role, figures: Figures | None
) -> Act | None:
    """Draw the row and return the act chosen in its menu; without figures nobody ran it."""
    with st.container(border=True, gap="xxsmall", key=f"version_{version.version}"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                tick(version)
                _identify(prompt, version)
            show_figures(figures or Figures())
            act = _offer(_allowed(prompt, version, role), version)
        _attribute(version)
    return act


def _identify(prompt: Prompt, version: PromptVersion) -> None:
    with st.container(key=f"name_{version.version}", width="content"):
        st.page_link(
            page_path("editor"),
            label=f"**{version.version}**",
            query_params={
                "prompt": prompt.prompt_id,
                "application": str(prompt.application_id),
                "version": version.version,
            },
        )
    badges = [state_badge("published" if version.is_published else "draft")]
    if prompt.current_version == version.version:
        badges.append(label_badge("latest"))
    badges += [label_badge(name) for name in labels_of(prompt, version)]
    st.markdown(" ".join(badges), width="content")


def _attribute(version: PromptVersion) -> None:
    at = version.published_at or version.updated_at
    note = plain(version.change_description) or ":gray[No note]"
    origin = f" · from {version.parent_version}" if version.parent_version else ""
    who = actor_of(version.created_by)
    st.markdown(
        f":small[{note} :gray[· {who} · {ago(at)}{origin}]]",
        width="content",
        help=exact(at),
    )


def _offer(acts: Sequence[Act], version: PromptVersion) -> Act | None:
    if not acts:
        return None
    return st.menu_button(
        "Actions",
        acts,
        key=f"acts_{version.version}",
        type="tertiary",
        format_func=_ACTS.__getitem__,
    )


def _allowed(prompt: Prompt, version: PromptVersion, role: Role) -> list[Act]:
    acts: list[Act] = []
    if not prompt.is_active:
        return acts
    operates = RANK[role] >= RANK["operator"]
    if operates and not version.is_published:
        acts.append("publish")
    if operates and version.is_published:
        if prompt.current_version != version.version:
            acts.append("roll_back")
        acts.append("label")
        if labels_of(prompt, version):
            acts.append("unlabel")
    if RANK[role] >= RANK["editor"] and not version.is_published:
        acts.append("delete")
    return acts
