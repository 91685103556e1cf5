"""Own the cards of the page: each has one question and draws its answer, in a fragment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from core.analytics.answer import Item
from core.analytics.question import Group, Order, Part, Question
from streamlit_app.charts.axis import Axis
from streamlit_app.charts.base import Chart, Look
from streamlit_app.charts.over_time import Happened, cost_by_model, latency, outcomes, tokens
from streamlit_app.charts.versions import Bubble, cost_against_rating
from streamlit_app.components.analytics.named import Names
from streamlit_app.components.analytics.view import View, clicked

_PICTURE: Final = {"format": "png", "scale": 2}
# Two cards beside each other from this width on.
_NARROWEST: Final = 440
_MODELS: Final = 5
_VERSIONS: Final = 60

Draw = Callable[[Axis, Sequence[Item], Look, Happened], Chart]


@dataclass(frozen=True, slots=True)
class Card:
    """A chart over time: its title, its question, and how its answer is drawn."""

    key: str
    title: str
    parts: frozenset[Part]
    draw: Draw
    groups: tuple[Group, ...] = ()
    order: Order = "runs"


CARDS: Final = (
    Card("cost", "Cost by {}", frozenset({"costs"}), cost_by_model, ("model",), "cost_usd"),
    Card("latency", "Latency", frozenset({"times"}), latency),
    Card("tokens", "Tokens by {}", frozenset({"counts"}), tokens),
    Card("outcomes", "Failed and blocked", frozenset({"counts"}), outcomes),
)


def questions(view: View) -> list[Question]:
    """Return what the cards need to know."""
    return [*(_question(view, card) for card in CARDS), _versions_question(view)]


def _question(view: View, card: Card) -> Question:
    return view.over_time(card.parts, *card.groups, top=_MODELS, order=card.order)


def _versions_question(view: View) -> Question:
    return view.in_all({"costs", "ratings"}, "version", top=_VERSIONS)


def cards(view: View, happened: Mapping[str, Happened], names: Names) -> None:
    """Draw every chart."""
    with st.grid(2, min_column_width=_NARROWEST):
        for card in CARDS:
            _over_time(view, card, happened[card.key])
    _versions(view, names)


@st.fragment
def _over_time(view: View, card: Card, happened: Happened) -> None:
    with st.container(border=True):
        st.subheader(card.title.format(view.axis.bucket), anchor=False)
        found = view.answers[_question(view, card)]
        show(view, card.draw(view.axis, found.items, view.look, happened), key=card.key)


def show(view: View, chart: Chart, *, key: str) -> None:
    """Draw a chart; a click on it opens the log of what was clicked."""
    selection: Any = st.plotly_chart(  # pyright: ignore[reportUnknownMemberType] - names untyped
        chart.figure,
        key=f"chart_{key}",
        theme=None,
        on_select="rerun",
        selection_mode="points",
        config={
            "displaylogo": False,
            "modeBarButtons": [["toImage"]],
            "toImageButtonOptions": {**_PICTURE, "filename": f"prompthub-{key}"},
        },
        alt=chart.finding,
    )
    query = clicked(selection)
    if query is not None:
        view.open_log(query)


@st.fragment
def _versions(view: View, names: Names) -> None:
    """Draw what a run of each rated version costs against its rating."""
    with st.container(border=True):
        st.subheader("Cost against rating, by version", anchor=False)
        items = view.answers[_versions_question(view)].items
        bubbles = [bubble for item in items if (bubble := _bubble(view, item, names)) is not None]
        if bubbles:
            show(view, cost_against_rating(bubbles, view.look), key="versions")
        else:
            st.markdown(
                "No version has both a rating and a known price in this period. Rate answers in "
                "the playground, and compare what quality costs here."
            )


def _bubble(view: View, item: Item, names: Names) -> Bubble | None:
    figures = item.figures
    rating = figures.rating()
    priced = figures.runs - figures.cost_unknown
    version = item.keys.get("version")
    if item.is_other or rating is None or priced <= 0 or not version:
        return None
    link = view.whole_link(
        prompt=item.keys["prompt_id"] or "",
        application=item.keys["application_id"] or "",
        version=version,
    )
    return Bubble(names.of_item(item), float(figures.cost_usd) / priced, rating, figures.runs, link)
