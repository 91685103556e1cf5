"""Own the tiles: the figures of the period, each against the period before."""

from decimal import Decimal
from typing import Literal, NamedTuple

import streamlit as st

from core.analytics.figures import Figures
from streamlit_app.formats import (
    DASH,
    count,
    counted,
    duration,
    money,
    plain,
    points,
    rating,
    share,
)

Colour = Literal["normal", "inverse", "off"]
_NARROWEST = 165
# A change of less than this share is none.
_SMALL = 0.005


class Tile(NamedTuple):
    """A figure, its change in words (empty where none can be told), and whether more is better."""

    label: str
    value: str
    change: str
    colour: Colour
    explained: str


def tiles(now: Figures, before: Figures) -> None:
    """Draw the tiles."""
    with st.grid(6, min_column_width=_NARROWEST):
        for tile in (*_use(now, before), *_quality(now, before)):
            st.metric(
                tile.label,
                plain(tile.value),
                tile.change or _unchanged(tile, before),
                delta_color=tile.colour if tile.change else "off",
                delta_arrow="auto" if tile.change else "off",
                help=tile.explained,
                border=True,
            )


def _unchanged(tile: Tile, before: Figures) -> str:
    if not before.runs:
        return "nothing before"
    return "nothing to compare" if tile.value == DASH else "no change"


def _use(now: Figures, before: Figures) -> list[Tile]:
    used = now.input_tokens + now.output_tokens
    used_before = before.input_tokens + before.output_tokens
    known = bool(now.cost_usd) or not now.cost_unknown
    unknown = (
        f" {counted(now.cost_unknown, 'answer')} of unknown price are not in it."
        if now.cost_unknown
        else ""
    )
    return [
        Tile(
            "Cost",
            money(now.cost_usd) if known else DASH,
            _change(now.cost_usd, before.cost_usd) if known else "",
            "inverse",
            f"What the model calls cost.{unknown}",
        ),
        Tile(
            "Runs",
            count(now.runs),
            _change(now.runs, before.runs),
            "off",
            f"{counted(now.runs, 'run')} that ended, however they ended.",
        ),
        Tile(
            "Tokens",
            count(used),
            _change(used, used_before),
            "off",
            f"{now.input_tokens:,} in and {now.output_tokens:,} out.",
        ),
    ]


def _quality(now: Figures, before: Figures) -> list[Tile]:
    success, success_before = now.share("success"), before.share("success")
    p95, p95_before = now.latency.p95, before.latency.p95
    given, given_before = now.rating(), before.rating()
    return [
        Tile(
            "Success",
            share(success),
            "" if success is None or success_before is None else _points(success - success_before),
            "normal",
            _ended(now),
        ),
        Tile(
            "Latency p95",
            duration(p95),
            "" if p95 is None or p95_before is None else _longer(p95 - p95_before),
            "inverse",
            "95 of 100 runs that called a model were faster; "
            f"half of them took {duration(now.latency.p50)} at most.",
        ),
        Tile(
            "Rating",
            rating(float(given.mean), given.count) if given else DASH,
            f"{given.mean - given_before.mean:+.1f}" if given and given_before else "",
            "normal",
            "Mean of 1 to 5 and the number of ratings; "
            + (
                f"95 % interval {given.low:.1f} to {given.high:.1f}."
                if given and given.low is not None
                else "nothing was rated."
            ),
        ),
    ]


def _ended(now: Figures) -> str:
    others = [
        counted(now.count(status), word, word)
        for status, word in (
            ("failed", "failed"),
            ("timeout", "timed out"),
            ("blocked", "blocked"),
            ("cancelled", "cancelled"),
        )
        if now.count(status)
    ]
    return f"{now.count('success'):,} of {now.runs:,} runs" + (
        f"; {', '.join(others)}." if others else "."
    )


def _change(now: Decimal | int, before: Decimal | int) -> str:
    if not before:
        return ""
    changed = float(now) / float(before) - 1
    return f"{changed * 100:+,.0f} %" if abs(changed) >= _SMALL else ""


def _points(changed: float) -> str:
    return points(changed) if abs(changed) >= _SMALL / 10 else ""


def _longer(milliseconds: float) -> str:
    told = duration(abs(milliseconds))
    return f"{'-' if milliseconds < 0 else '+'}{told}" if abs(milliseconds) >= 1 else ""
