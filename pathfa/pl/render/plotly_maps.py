"""Heat maps and strips of colours as plotly traces, and names and numbers as plotly takes them."""

from __future__ import annotations

import html
from typing import Any

import numpy as np
import pandas as pd

from pathfa.pl.figure.colours import DIVERGING, OKABE_ITO, SEQUENTIAL, cycle, ink_on
from pathfa.pl.figure.spec import Figure, Heatmap, Scale, Strip

_MOST_GAPS = 60  # cells in a row up to which lines part them
_DIGITS = 5  # significant digits of a drawn number; tables have more


def text(name: object) -> str:
    """Return a name that plotly shows letter by letter."""
    return html.escape(str(name), quote=False)


def numbers(values: Any) -> Any:
    """Return numbers with few digits, nested as they are, None where there is none; text is escaped."""
    if isinstance(values, pd.DataFrame | pd.Series | pd.Index):
        values = values.to_numpy()
    if isinstance(values, np.ndarray) and values.ndim > 1:
        return [numbers(row) for row in values]
    return [_number(value) for value in values]


def _number(value: Any) -> Any:
    if isinstance(value, str):
        return text(value)
    if value is None or not np.isfinite(value):
        return None
    if isinstance(value, int | np.integer):
        return int(value)
    return float(f"{value:.{_DIGITS}g}")


def heatmap(mark: Heatmap, figure: Figure) -> list[dict[str, Any]]:
    """Return a map, and the words in its cells as a trace of their own: a map has one colour for all words."""
    values = mark.values.to_numpy(dtype=float)
    low, high = mark.limits or limits(values, mark.scale)
    palette = DIVERGING if mark.scale is Scale.DIVERGING else SEQUENTIAL
    found = {
        "type": "heatmap",
        "x": [text(item) for item in figure.x.labels],
        "y": [text(item) for item in figure.y.labels],
        "z": numbers(values),
        "zmin": low,
        "zmax": high,
        "colorscale": [[stop, colour] for stop, colour in palette],
        "colorbar": {"title": {"text": text(mark.unit), "side": "right"}, "thickness": 12, "len": 0.9},
        "hoverongaps": False,
        "hovertemplate": f"%{{y}}<br>%{{x}}<br>%{{z:.3g}} {text(mark.unit)}<extra></extra>",
        "xgap": 1 if values.shape[1] <= _MOST_GAPS else 0,
        "ygap": 1 if values.shape[0] <= _MOST_GAPS else 0,
    }
    if figure.x.percent or mark.unit.endswith("%"):
        found["hovertemplate"] = "%{y}<br>%{x}<br>%{z:.1f} %<extra></extra>"
    return [found] if mark.text is None else [found, _words(mark.text, (values - low) / (high - low), palette, figure)]


def _words(
    table: pd.DataFrame, places: np.ndarray, palette: tuple[tuple[float, str], ...], figure: Figure
) -> dict[str, Any]:
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


def strip(mark: Strip, figure: Figure) -> list[dict[str, Any]]:
    """Return a strip as a map of one row on the second axis, and its legend."""
    name, known = text(mark.name), mark.values[np.isfinite(mark.values)]
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
    if not mark.levels:
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        trace |= {"colorscale": [[stop, colour] for stop, colour in SEQUENTIAL], "zmin": low, "zmax": high}
        trace["hovertemplate"] = "%{x}<br>%{y}: %{z:.4g}<extra></extra>"
        return [trace, _legend(f"{name}: {low:,.4g} to {high:,.4g}", SEQUENTIAL[4][1])]
    size = len(mark.levels)
    steps = [(place / size, cycle(OKABE_ITO, code)) for code in range(size) for place in (code, code + 1)]
    said = [text(mark.levels[int(value)]) if np.isfinite(value) else "" for value in mark.values]
    trace |= {"colorscale": [list(step) for step in steps], "zmin": -0.5, "zmax": size - 0.5, "text": in_row(said)}
    trace["hovertemplate"] = "%{x}<br>%{y}: %{text}<extra></extra>"
    return [
        trace,
        *(_legend(f"{name}: {text(level)}", cycle(OKABE_ITO, code)) for code, level in enumerate(mark.levels)),
    ]


def _legend(name: str, colour: str) -> dict[str, Any]:
    """Return a trace that is seen in the legend only."""
    marker = {"symbol": "square", "size": 11, "color": colour}
    return {
        "type": "scatter", "mode": "markers", "x": [None], "y": [None], "name": name, "showlegend": True,
        "marker": marker, "hoverinfo": "skip",
    }  # fmt: skip


def limits(values: np.ndarray, scale: Scale) -> tuple[float, float]:
    """Return the ends of the palette: symmetric around 0 when signed, outliers beyond 1 % cut."""
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return (-1.0, 1.0) if scale is Scale.DIVERGING else (0.0, 1.0)
    if scale is Scale.DIVERGING:
        reach = float(np.quantile(np.abs(finite), 0.99)) or float(np.abs(finite).max()) or 1.0
        return -reach, reach
    return min(0.0, float(finite.min())), float(finite.max()) or 1.0
