"""A specification as a plotly figure: plain mappings, so that a page can carry them as JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

from pathfa.pl.figure.colours import DASHES, HATCHES, OKABE_ITO, SEQUENTIAL, SYMBOLS, cycle
from pathfa.pl.figure.spec import Axis, Bars, Figure, Heatmap, Line, Points, Rule, Strip
from pathfa.pl.render.plotly_maps import heatmap, numbers, strip, text

_STRIP, _GAP = 26, 8  # px of a strip, and between strips and map


def draw(figure: Figure) -> dict[str, Any]:
    """Return the figure as ``{"data": [...], "layout": {...}}``.

    Names are escaped: plotly reads a part of HTML in every text.
    """
    traces: list[dict[str, Any]] = []
    shapes: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    for mark in figure.marks:
        match mark:
            case Heatmap():
                traces += heatmap(mark, figure)
            case Points():
                traces.append(_points(mark))
            case Line():
                traces += _line(mark)
            case Bars():
                traces.append(_bars(mark))
            case Rule():
                shape, note = _rule(mark, figure.x if mark.axis == "x" else figure.y)
                shapes.append(shape)
                notes.append(note)
            case Strip():
                traces += strip(mark, figure)
    layout: dict[str, Any] = {
        "height": figure.height,
        "margin": {"l": 60, "r": 20, "t": 20, "b": 50},
        "xaxis": _axis(figure.x),
        "yaxis": _axis(figure.y),
        "shapes": shapes,
        "annotations": notes,
        "barmode": "stack" if figure.stack else "group",
        "hovermode": "closest",
        "showlegend": any(trace.get("name") and trace.get("showlegend", True) for trace in traces),
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        "meta": {"x": _entity(figure.x), "y": _entity(figure.y)},
    }
    names = [mark.name for mark in figure.marks if isinstance(mark, Strip)]
    if names:
        share = _STRIP * len(names) / figure.height
        layout["yaxis"]["domain"] = [0.0, 1.0 - share - _GAP / figure.height]
        layout["yaxis2"] = _axis(Axis(labels=tuple(names), reverse=True)) | {"domain": [1.0 - share, 1.0]}
    return {"data": traces, "layout": layout}


def _axis(axis: Axis) -> dict[str, Any]:
    found: dict[str, Any] = {"title": {"text": text(axis.title), "standoff": 8}, "automargin": True, "zeroline": False}
    if axis.labels:
        found |= {"type": "category", "categoryorder": "array", "categoryarray": [text(item) for item in axis.labels]}
        if not axis.hide_labels:
            found["dtick"] = 1
        found["range"] = [len(axis.labels) - 0.5, -0.5] if axis.reverse else [-0.5, len(axis.labels) - 0.5]
    elif axis.log:
        found["type"] = "log"
    if axis.hide_labels:
        found |= {"showticklabels": False, "ticks": ""}
    if axis.percent:
        found["tickformat"] = ".0%"
    if axis.reverse and not axis.labels:
        found["autorange"] = "reversed"
    return found


def _entity(axis: Axis) -> dict[str, Any]:
    if not axis.entity:
        return {}
    members = {"members": [list(names) for names in axis.members]} if axis.members else {}
    return {"entity": str(axis.entity), "ids": list(axis.ids or axis.labels), **members}


def _points(mark: Points) -> dict[str, Any]:
    colour = cycle(OKABE_ITO, mark.style)
    marker: dict[str, Any] = {
        "symbol": cycle(SYMBOLS, mark.style) + ("-open" if mark.hollow else ""),
        "size": mark.size if isinstance(mark.size, float | int) else numbers(mark.size),
        "color": colour,
        "line": {"width": 1.5 if mark.hollow else 0.5, "color": colour if mark.hollow else "#FFFFFF"},
    }
    if mark.shade is not None:
        marker |= {
            "color": numbers(mark.shade),
            "colorscale": [[stop, shade] for stop, shade in SEQUENTIAL],
            "showscale": True,
            "colorbar": {"title": {"text": text(mark.shade_unit), "side": "right"}, "thickness": 12},
        }
    found: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers",
        "x": numbers(mark.x),
        "y": numbers(mark.y),
        "name": text(mark.name),
        "showlegend": bool(mark.name),
        "marker": marker,
    }
    if len(mark.labels):
        found |= {"text": [text(item) for item in mark.labels], "hovertemplate": "%{text}<extra></extra>"}
    if len(mark.ids):
        found["customdata"] = list(mark.ids)
    if mark.low is not None and mark.high is not None:
        centre = np.asarray(mark.x if mark.interval == "x" else mark.y, dtype=float)
        found[f"error_{mark.interval}"] = {
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
    style = {
        "color": colour,
        "dash": cycle(DASHES, mark.style),
        "width": 2,
        "shape": "hv" if mark.steps else "linear",
    }
    traces: list[dict[str, Any]] = []
    if mark.low is not None and mark.high is not None:
        edge = {"type": "scatter", "mode": "lines", "x": numbers(mark.x), "showlegend": False, "hoverinfo": "skip"}
        line = {"width": 0, "shape": style["shape"], "color": colour}
        traces += [
            {**edge, "y": numbers(mark.low), "line": line},
            {**edge, "y": numbers(mark.high), "line": line, "fill": "tonexty", "fillcolor": _faint(colour)},
        ]
    traces.append(
        {
            "type": "scatter",
            "mode": "lines+markers" if mark.markers else "lines",
            "x": numbers(mark.x),
            "y": numbers(mark.y),
            "name": text(mark.name),
            "showlegend": bool(mark.name),
            "line": style,
            "marker": {"symbol": cycle(SYMBOLS, mark.style), "size": 7},
        }
    )
    return traces


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.18)"


def _bars(mark: Bars) -> dict[str, Any]:
    labels, values = [text(item) for item in mark.labels], numbers(mark.values)
    found: dict[str, Any] = {
        "type": "bar",
        "orientation": "h" if mark.horizontal else "v",
        "x": values if mark.horizontal else labels,
        "y": labels if mark.horizontal else values,
        "name": text(mark.name),
        "showlegend": bool(mark.name),
        "marker": {
            "color": cycle(OKABE_ITO, mark.style),
            "pattern": {"shape": cycle(HATCHES, mark.style), "solidity": 0.2},
        },
    }
    if mark.text:
        found |= {"text": [text(item) for item in mark.text], "textposition": "auto"}
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
