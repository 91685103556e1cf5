"""Own how every chart looks: its colours, axes, legend and hover; the only user of Plotly."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

Trace = dict[str, Any]

HEIGHT: Final = 270
FONT: Final = "Inter, 'Helvetica Neue', Arial, sans-serif"
_LONGEST_NAME: Final = 30


class Look(NamedTuple):
    """The colours of a chart in one mode, as the theme of the pages has them.

    `colours` tell series apart; the last is that of all others together.
    """

    text: str
    muted: str
    line: str
    page: str
    unusual: str
    colours: tuple[str, ...]


# The theme of the pages (.streamlit/config.toml); a test compares them.
LIGHT: Final = Look(
    text="#10141D",
    muted="#5B6472",
    line="#DFE3E8",
    page="#FFFFFF",
    unusual="#D9480F",
    colours=("#253BAC", "#15A697", "#C0701A", "#A13A8B", "#257ED5", "#484B51"),
)
DARK: Final = Look(
    text="#E6E8EC",
    muted="#A0A8B5",
    line="#32363F",
    page="#14161A",
    unusual="#FF8A4C",
    colours=("#5972D9", "#5BD0BC", "#F2B477", "#DB69C3", "#B1D7F2", "#7B838E"),
)


class Chart(NamedTuple):
    """A figure of Plotly, and in words what it shows."""

    figure: Any
    finding: str


def draw(
    traces: Sequence[Trace],
    look: Look,
    *,
    x: Trace,
    y: Trace,
    shapes: Sequence[Trace] = (),
    hover: str = "x unified",
) -> Any:
    """Return the figure of the traces; `x` and `y` say what is special about the axes."""
    # The first chart is drawn long after the start, which stays quick without Plotly.
    import plotly.graph_objects as go  # noqa: PLC0415

    axis = _axis(look)
    layout: Trace = {
        "template": {},
        "height": HEIGHT,
        "margin": {"l": 4, "r": 8, "t": 28, "b": 4},
        "font": {"family": FONT, "color": look.text, "size": 13},
        "paper_bgcolor": look.page,
        "plot_bgcolor": look.page,
        "barmode": "stack",
        "dragmode": False,
        "hovermode": hover,
        **_words_around(look),
        "xaxis": {**axis, "showgrid": False, "nticks": 6, **x},
        "yaxis": {**axis, "rangemode": "tozero", "nticks": 5, **y},
        "shapes": list(shapes),
    }
    return go.Figure(data=list(traces), layout=layout)


def _axis(look: Look) -> Trace:
    return {
        "fixedrange": True,
        "automargin": True,
        "zeroline": False,
        "tickfont": {"color": look.muted, "size": 12},
        "linecolor": look.line,
        "gridcolor": look.line,
    }


def _words_around(look: Look) -> Trace:
    return {
        "hoverlabel": {
            "bgcolor": look.page,
            "bordercolor": look.line,
            "font": {"color": look.text, "size": 13, "family": FONT},
            "namelength": -1,
        },
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1.04,
            "yanchor": "bottom",
            "traceorder": "normal",
            "font": {"color": look.text, "size": 13},
        },
    }


def words(text: str) -> str:
    """Return a text so that Plotly, which reads some HTML, shows it as it is."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def short(name: str) -> str:
    """Return a name short enough for a legend, shown as it is."""
    return words(name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…")


def line(  # the words of a trace, in the order in which they are read
    name: str, x: Sequence[str], y: Sequence[float | None], told: Sequence[str], colour: str
) -> Trace:
    """Return a line; `told` is what the hover says of each point."""
    return {
        "type": "scatter",
        "name": words(name),
        "x": list(x),
        "y": list(y),
        "text": list(told),
        "hovertemplate": f"{words(name)} : %{{text}}<extra></extra>",
        # Only markers can be clicked; they are seen where a point between two gaps has no line.
        "mode": "lines+markers",
        "marker": {"size": 5, "opacity": _opacities(y), "color": colour},
        "line": {"color": colour, "width": 2},
        "cliponaxis": False,
    }


def _opacities(y: Sequence[float | None]) -> list[int]:
    around = [None, *y, None]
    return [int(around[n] is None and around[n + 2] is None) for n in range(len(y))]


def bars(  # as above
    name: str, x: Sequence[str], y: Sequence[float], told: Sequence[str], colour: str
) -> Trace:
    """Return bars that are put on top of those before; `told` is what the hover says of each."""
    return {
        "type": "bar",
        "name": short(name),
        "x": list(x),
        "y": list(y),
        "text": list(told),
        "textposition": "none",
        "hovertemplate": f"{short(name)} : %{{text}}<extra></extra>",
        "marker": {"color": colour, "line": {"width": 0}},
        "unselected": {"marker": {"opacity": 1}},
    }


def total(x: Sequence[str], y: Sequence[float], told: Sequence[str]) -> Trace:
    """Return the line of the hover that adds up what is stacked; nothing of it is drawn."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "Total",
        "x": list(x),
        "y": list(y),
        "text": list(told),
        "hovertemplate": "Total : <b>%{text}</b><extra></extra>",
        "marker": {"opacity": 0},
        "showlegend": False,
    }
