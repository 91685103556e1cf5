"""Own the analytics page: what runs cost, how fast they are, and whether it gets worse."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple
from zoneinfo import ZoneInfo

import streamlit as st
from bson import ObjectId
from streamlit.delta_generator import DeltaGenerator

from core import clock
from core.accounts.applications import get_application
from core.accounts.directory import survey_applications
from core.analytics.anomalies.listing import AnomalyPage, list_anomalies
from core.analytics.answer import Answer, answer_all
from core.analytics.figures import Figures
from core.analytics.question import Part, Question
from core.documents import Application
from core.errors import NotFound, PromptHubError
from core.execution.log import has_executions
from core.prompts.published import Publish, list_publishes
from core.values.scope import Scope
from streamlit_app import bridge, formats, viewer
from streamlit_app.charts.axis import Axis, Mark
from streamlit_app.components import problem
from streamlit_app.components.analytics import cards, choices, empty, table, unusual
from streamlit_app.components.analytics.budget import budgets
from streamlit_app.components.analytics.export import export, file_name
from streamlit_app.components.analytics.named import Names, load_names
from streamlit_app.components.analytics.tiles import tiles
from streamlit_app.components.analytics.view import Around, View
from streamlit_app.components.prompt_address import asked_for
from streamlit_app.components.title_row import title_row
from streamlit_app.formats import counted, plain

ALL: frozenset[Part] = frozenset({"counts", "costs", "times", "ratings"})


class Overview(NamedTuple):
    """The figures of the window and of the one before, and what happened in it."""

    now: Figures
    before: Figures
    answers: Mapping[Question, Answer]
    published: list[Publish]
    unusual: AnomalyPage
    names: Names


def main() -> None:
    """Show the choices, the figures of the period, and the charts behind them."""
    scope = viewer.scope()
    around, has_any = bridge.run(look(scope, asked_for().application_id))
    actions = title_row("Analytics")
    if not has_any:
        empty.invite()
        return
    with actions:
        filters = choices.choose_scope(scope, around)
        period = choices.choose_period()
        export_place = st.empty()
    tiles_place, line_place = st.container(), st.container(horizontal=True, gap="small")
    with line_place:
        words_place = st.empty()
        bucket = choices.choose_bucket(period)
    zone = choices.zone_of(around)
    window = choices.window_of(period, bucket, zone)
    view = View(scope, Axis(window, bucket), filters, period, around)
    try:
        found = bridge.run(overview(view))
    except PromptHubError as error:
        problem.show(error)
        return
    with tiles_place:
        tiles(found.now, found.before)
    words_place.caption(plain(told(view, found, zone)), width="stretch")
    show(view, found, export_place)


async def look(scope: Scope, asked: ObjectId | None) -> tuple[Around, bool]:
    """Load the application asked for, what there is besides, and whether anything was ever run."""
    application, survey, has_any = await asyncio.gather(
        find_application(scope, asked), survey_applications(scope), has_executions(scope)
    )
    return Around(application, survey), has_any


async def find_application(scope: Scope, asked: ObjectId | None) -> Application | None:
    """Load the application that the address names, where the viewer sees it."""
    if asked is None:
        return None
    try:
        return await get_application(scope, asked)
    except NotFound:
        return None


async def overview(view: View) -> Overview:
    """Load what is told in words and drawn: one reading of the sums answers all questions."""
    now, window = view.in_all(ALL), view.axis.window
    before = now.before()
    answers, published, unusual_page = await asyncio.gather(
        answer_all(view.scope, [now, before, *cards.questions(view), table.question(view)]),
        list_publishes(
            view.scope,
            window.start,
            window.end,
            application_id=view.filters.application_id,
            prompt_id=view.filters.prompt_id,
        ),
        list_anomalies(view.scope, unusual.query_of(view), limit=unusual.LISTED),
    )
    groups = [item.keys for found in answers.values() for item in found.items]
    groups += [
        {"application_id": str(one.application_id), "prompt_id": one.prompt_id}
        for one in unusual_page.items
    ]
    names = await load_names(view.scope, groups)
    totals = answers[now].totals, answers[before].totals
    return Overview(*totals, answers, published, unusual_page, names)


def show(view: View, found: Overview, export_place: DeltaGenerator) -> None:
    """Draw what happened, the charts and the table, or what to do where nothing was run."""
    budgets(view)
    if not found.now.runs:
        empty.tell_nothing(choices.PERIODS[view.period].told, narrowed(view))
        return
    export_place.download_button(
        "Export",
        lambda: export(view),
        file_name=file_name(view),
        mime="text/csv",
        key="usage_export",
        type="tertiary",
        icon=":material/download:",
        on_click="ignore",
        help="The figures of this view as CSV, by version and model",
    )
    unusual.unusual_list(view, found.unusual.items, found.unusual.total, found.names)
    view = replace(view, published=marks(view, found.published), answers=found.answers)
    cards.cards(view, unusual.marks_of(view, found.unusual.items), found.names)
    table.table_card(view, found.names)


def marks(view: View, published: list[Publish]) -> tuple[Mark, ...]:
    """Return the publishes as marks on the time axis."""
    one_prompt = view.filters.prompt_id is not None
    found = ((view.axis.place(one.published_at), one) for one in published)
    return tuple(
        Mark(place, one.version if one_prompt else f"{one.name} {one.version}")
        for place, one in found
        if place is not None
    )


def narrowed(view: View) -> list[str]:
    """Return the filters that are set, in words."""
    filters = view.filters
    application = view.around.application
    return [
        word
        for word in (
            f"the application {application.name}" if application else "",
            f"the prompt {filters.prompt_id}" if filters.prompt_id else "",
            f"the model {filters.model}" if filters.model else "",
        )
        if word
    ]


def told(view: View, found: Overview, zone: ZoneInfo) -> str:
    """Name both periods, the time zone, and what the cost leaves out."""
    period = choices.PERIODS[view.period].told
    today = formats.day(clock.now(), now=clock.now(), zone=zone)
    unknown = found.now.cost_unknown
    parts = [
        f"{period} to {today}, compared with the {period} before",
        zone.key.replace("_", " "),
        f"the cost leaves out {counted(unknown, 'answer')} of unknown price" if unknown else "",
    ]
    return " · ".join(filter(None, parts))


if __name__ == "__main__":
    main()
