"""A drawing as a plotly figure: plain mappings, so that a page can carry them as JSON."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pathfa.core.text import shorten
from pathfa.pl import colours
from pathfa.pl.colours import BLANK, EDGE, OKABE_ITO, SEQUENTIAL, Palette, cycle, ink_on
from pathfa.pl.plotly_axes import axis_layout, entities, ticks_below
from pathfa.pl.plotly_values import numbers, text
from pathfa.pl.spec import EMPTY, Axis, Bars, ColourScale, Drawing, Heatmap, Line, Mark, Points, Rule, Strip
from pathfa.pl.strip_colours import entries, limits, strip_palette

_MOST_GAPS = 60  # cells in a row up to which lines part them
_STRIP, _GAP = 26, 8  # px of a strip, and between strips and map
_LEGEND = 19  # px of a line of a legend
_TITLE, _LINE, _SIZE = 65, 24, 14  # letters of a title, px of its line and of its letters


def draw(figure: Drawing, title: str = "") -> dict[str, Any]:
    """Return the figure as ``{"data": [...], "layout": {...}}``, with a title where it is to have one.

    Names are escaped: plotly reads a part of HTML in every text.
    """
    traces = [trace for mark in figure.marks for trace in _traces(mark, figure)]
    axes = {"x": figure.x, "y": figure.y}
    rules = [_rule(mark, axes[mark.axis]) for mark in figure.marks if isinstance(mark, Rule)]
    layout: dict[str, Any] = {
        "height": figure.height,
        "margin": {"l": 60, "r": 20, "t": 20, "b": 50},
        "xaxis": axis_layout(figure.x) | ticks_below(figure),
        "yaxis": axis_layout(figure.y),
        "shapes": [shape for shape, _ in rules],
        "annotations": [note for _, note in rules],
        "barmode": "stack" if figure.stack else "group",
        "hovermode": "closest",
        "showlegend": any(trace.get("name") and trace.get("showlegend", True) for trace in traces),
        "legend": {
            "orientation": "h",
            "y": 1 + _GAP / figure.height,
            "yanchor": "bottom",
            "x": 0,
            "traceorder": "normal",
        },
        "meta": {"x": entities(figure.x), "y": entities(figure.y)},
    }
    if figure.is_empty:
        middle = {"x": 0.5, "y": 0.5, "xref": "paper", "yref": "paper", "showarrow": False}
        layout["annotations"].append({"text": EMPTY, **middle})
        for axis in ("xaxis", "yaxis"):
            layout[axis]["showticklabels"] = False
    names = [mark.name for mark in figure.marks if isinstance(mark, Strip)]
    if names:
        share = _STRIP * len(names) / figure.height
        layout["yaxis"]["domain"] = [0.0, 1.0 - share - _GAP / figure.height]
        layout["yaxis2"] = axis_layout(Axis(labels=tuple(names), reverse=True)) | {"domain": [1.0 - share, 1.0]}
        most = max(len(entries(mark)) for mark in figure.marks if isinstance(mark, Strip))
        layout["height"] += _LEGEND * (1 + most)
        layout["plot_bgcolor"] = BLANK
        layout["legend"] |= {"traceorder": "grouped", "font": {"size": 11}}
    if title:
        _add_title(layout, title)
    return {"data": traces, "layout": layout}


def _add_title(layout: dict[str, Any], title: str) -> None:
    """Add a title of one line, with the height that it takes above a legend or above the axes."""
    words, font = text(shorten(title, _TITLE)), {"size": _SIZE}
    layout["title"] = {
        "text": words,
        "font": font,
        "x": 0.01,
        "y": 1 - _GAP / layout["height"],
        "yref": "container",
        "yanchor": "top",
    }
    layout["height"] += _LINE
    layout["margin"]["t"] += _LINE
    layout["legend"]["title"] = {"text": "&nbsp;", "font": font, "side": "top left"}  # the legend leaves it its line


def _traces(mark: Mark, figure: Drawing) -> list[dict[str, Any]]:
    match mark:
        case Heatmap():
            return _heatmap(mark, figure)
        case Points():
            return [_points(mark)]
        case Line():
            return _line(mark)
        case Bars():
            return [_bars(mark)]
        case Strip():
            return _strip(mark, figure)
    return []


def _points(mark: Points) -> dict[str, Any]:
    colour = cycle(OKABE_ITO, mark.style)
    marker: dict[str, Any] = {
        "symbol": cycle(colours.SYMBOLS, mark.style) + ("-open" if mark.hollow else ""),
        "size": mark.size if isinstance(mark.size, float | int) else numbers(mark.size),
        "color": colour,
        "line": {"width": 1.5 if mark.hollow else 0.5, "color": colour if mark.hollow else "#FFFFFF"},
    }
    if mark.values is not None:
        marker |= {
            "color": numbers(mark.values),
            "colorscale": [[stop, shade] for stop, shade in SEQUENTIAL],
            "colorbar": {"title": {"text": text(mark.unit), "side": "right"}, "thickness": 12, "len": 0.9},
        }
    found = _series(mark, "markers", marker=marker)
    if len(mark.labels):
        found |= {"text": [text(item) for item in mark.labels], "hovertemplate": "%{text}<extra></extra>"}
    if len(mark.ids):
        found["customdata"] = list(mark.ids)
    if mark.low is not None and mark.high is not None:
        centre = np.asarray(mark.x, dtype=float)
        found["error_x"] = {
            "type": "data",
            "symmetric": False,
            "array": numbers(np.asarray(mark.high, dtype=float) - centre),
            "arrayminus": numbers(centre - np.asarray(mark.low, dtype=float)),
            "thickness": 1,
            "width": 2,
            "color": colour,
        }
    return found


def _line(mark: Line) -> list[dict[str, Any]]:
    colour = cycle(OKABE_ITO, mark.style)
    shape = "hv" if mark.steps else "linear"
    traces: list[dict[str, Any]] = []
    if mark.low is not None and mark.high is not None:
        edge = {"type": "scatter", "mode": "lines", "x": numbers(mark.x), "showlegend": False, "hoverinfo": "skip"}
        rim = {"width": 0, "shape": shape, "color": colour}
        traces += [
            {**edge, "y": numbers(mark.low), "line": rim},
            {**edge, "y": numbers(mark.high), "line": rim, "fill": "tonexty", "fillcolor": _faint(colour)},
        ]
    line = {"color": colour, "dash": cycle(colours.DASHES, mark.style), "width": 2, "shape": shape}
    marker = {"symbol": cycle(colours.SYMBOLS, mark.style), "size": 7}
    return [*traces, _series(mark, "lines+markers" if mark.markers else "lines", line=line, marker=marker)]


def _series(mark: Points | Line, mode: str, **look: Any) -> dict[str, Any]:
    where = {"x": numbers(mark.x), "y": numbers(mark.y)}
    return {"type": "scatter", "mode": mode, **where, "name": text(mark.name), "showlegend": bool(mark.name), **look}


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.18)"


def _bars(mark: Bars) -> dict[str, Any]:
    labels, values = [text(item) for item in mark.labels], numbers(mark.values)
    pattern = {"shape": cycle(colours.HATCHES, mark.style), "solidity": 0.2}
    found: dict[str, Any] = {
        "type": "bar",
        "orientation": "h" if mark.horizontal else "v",
        "x": values if mark.horizontal else labels,
        "y": labels if mark.horizontal else values,
        "name": text(mark.name),
        "showlegend": bool(mark.name),
        "marker": {"color": cycle(OKABE_ITO, mark.style), "pattern": pattern},
    }
    return found


def _rule(mark: Rule, axis: Axis) -> tuple[dict[str, Any], dict[str, Any]]:
    other = "y" if mark.axis == "x" else "x"
    shape = {
        "type": "line",
        f"{mark.axis}0": mark.value,
        f"{mark.axis}1": mark.value,
        f"{other}0": 0,
        f"{other}1": 1,
        f"{other}ref": "paper",
        "line": {"dash": "dot", "width": 1.5, "color": "#777777"},
    }
    # annotations, unlike shapes, take the logarithm on logarithmic axes
    spot = float(np.log10(mark.value)) if axis.log else mark.value
    place: dict[str, Any] = {mark.axis: spot, other: 1, f"{other}ref": "paper"}
    anchor = {"xanchor": "left", "yanchor": "top"} if mark.axis == "x" else {"xanchor": "right", "yanchor": "bottom"}
    return shape, {"text": text(mark.label), "showarrow": False, "font": {"size": 11}, **place, **anchor}


def _heatmap(mark: Heatmap, figure: Drawing) -> list[dict[str, Any]]:
    """Return a map, and the words in its cells as a trace of their own: a map has one colour for all words."""
    values, shades = mark.values.to_numpy(dtype=float), mark.shades()
    low, high = mark.ends()
    palette = colours.DIVERGING if mark.scale is ColourScale.DIVERGING else SEQUENTIAL
    found = {
        "type": "heatmap",
        "x": [text(item) for item in figure.x.labels],
        "y": [text(item) for item in figure.y.labels],
        "z": numbers(shades),
        "zmin": low,
        "zmax": high,
        "colorscale": [[stop, colour] for stop, colour in palette],
        "colorbar": {"title": {"text": text(mark.unit), "side": "right"}, "thickness": 12, "len": 0.9},
        "hoverongaps": False,
        "hovertemplate": f"%{{y}}<br>%{{x}}<br>%{{z:.3g}} {text(mark.unit)}<extra></extra>",
        "xgap": 1 if values.shape[1] <= _MOST_GAPS else 0,
        "ygap": 1 if values.shape[0] <= _MOST_GAPS else 0,
    }
    if mark.quiet:
        found["customdata"] = numbers(values)
        found["hovertemplate"] = f"%{{y}}<br>%{{x}}<br>%{{customdata:.3g}} {text(mark.unit)}<extra></extra>"
    if figure.x.percent or mark.unit.endswith("%"):
        found["hovertemplate"] = "%{y}<br>%{x}<br>%{z:.1f} %<extra></extra>"
    if mark.levels:
        found["colorbar"] |= {
            "tickvals": list(range(len(mark.levels))),
            "ticktext": [text(item) for item in mark.levels],
        }
        found["customdata"] = [[mark.levels[int(value)] for value in row] for row in values]
        found["hovertemplate"] = "%{y}<br>%{x}<br>%{customdata}<extra></extra>"
    return [found] if mark.text is None else [found, _words(mark.text, (shades - low) / (high - low), palette, figure)]


def _words(table: pd.DataFrame, places: np.ndarray, palette: Palette, figure: Drawing) -> dict[str, Any]:
    rows, columns = np.nonzero(np.isfinite(places))
    return {
        "type": "scatter",
        "mode": "text",
        "x": [text(figure.x.labels[column]) for column in columns],
        "y": [text(figure.y.labels[row]) for row in rows],
        "text": [text(words) for words in table.to_numpy()[rows, columns]],
        "textfont": {"color": [ink_on(palette, float(place)) for place in places[rows, columns]]},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _strip(mark: Strip, figure: Drawing) -> list[dict[str, Any]]:
    """Return a strip as a map of one row on the second axis, and its legend."""
    names = [item.name for item in figure.marks if isinstance(item, Strip)]

    def in_row(values: list[Any]) -> list[list[Any]]:
        # every strip has all rows, the others empty: plotly draws maps of a single row in the wrong place
        return [values if item == mark.name else [None] * len(values) for item in names]

    trace = {
        "type": "heatmap",
        "x": [text(item) for item in figure.x.labels],
        "y": [text(item) for item in names],
        "z": in_row(numbers(mark.values)),
        "yaxis": "y2",
        "showscale": False,
        "hoverongaps": False,
        "xgap": 1 if len(mark.values) <= _MOST_GAPS else 0,
        "ygap": 2,
        "showlegend": False,
    }
    low, high = limits(mark)
    trace |= {"colorscale": [list(step) for step in strip_palette(mark)], "zmin": low, "zmax": high}
    trace["hovertemplate"] = "%{x}<br>%{y}: %{z:.4g}<extra></extra>"
    if mark.levels:
        said = [text(mark.levels[int(value)]) if np.isfinite(value) else "" for value in mark.values]
        trace |= {"text": in_row(said), "hovertemplate": "%{x}<br>%{y}: %{text}<extra></extra>"}
    return [trace, *(_legend(mark, text(words), colour) for words, colour in entries(mark))]


def _legend(strip: Strip, name: str, colour: str) -> dict[str, Any]:
    """Return a trace that is seen in the legend only, in the column of its strip."""
    marker = {"symbol": "square", "size": 11, "color": colour, "line": {"width": 1, "color": EDGE}}
    seen = {"type": "scatter", "mode": "markers", "x": [None], "y": [None], "marker": marker, "hoverinfo": "skip"}
    title = {"text": text(strip.name)}
    return {**seen, "legendgroup": strip.name, "legendgrouptitle": title, "name": name, "showlegend": True}
