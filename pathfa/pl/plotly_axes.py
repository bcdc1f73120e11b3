"""Axes as plotly takes them."""

from __future__ import annotations

from typing import Any

import numpy as np

from pathfa.pl.paper import in_lines
from pathfa.pl.plotly_values import text
from pathfa.pl.spec import Axis, Drawing, Line, Points

_FEW = 12  # labels that stand in lines, whole numbers of which each has a tick
_LABEL, _TITLE = 16, 40  # letters of a line of a label and of the title of an axis


def axis_layout(axis: Axis) -> dict[str, Any]:
    """Return the layout of an axis."""
    title = {"text": _in_lines(axis.title, _TITLE), "standoff": 8}
    found: dict[str, Any] = {"title": title, "automargin": True, "zeroline": False}
    if axis.labels:
        found |= {"type": "category", "categoryorder": "array", "categoryarray": [text(item) for item in axis.labels]}
        if not axis.hide_labels:
            found["dtick"] = 1
        found["range"] = [len(axis.labels) - 0.5, -0.5] if axis.reverse else [-0.5, len(axis.labels) - 0.5]
    elif axis.log:
        found["type"] = "log"
    if axis.rows:
        found |= {"tickvals": list(range(len(axis.rows))), "ticktext": [text(item) for item in axis.rows]}
    if axis.hide_labels:
        found |= {"showticklabels": False, "ticks": ""}
    if axis.percent:
        found["tickformat"] = ".0%"
    if axis.reverse and not axis.labels:
        found["autorange"] = "reversed"
    return found


def ticks_below(figure: Drawing) -> dict[str, Any]:
    """Return labels below in lines, where they are few and long; ticks at whole numbers where there are no others."""
    labels = figure.x.labels
    if labels and not figure.x.hide_labels and len(labels) <= _FEW and max(map(len, labels)) > _LABEL:
        return {
            "tickvals": [text(label) for label in labels],
            "ticktext": [_in_lines(label, _LABEL) for label in labels],
        }
    values = [mark.x for mark in figure.marks if isinstance(mark, Points | Line) and len(mark.x)]
    few = not figure.x.rows and figure.counts("x") and np.ptp(np.concatenate(values)) <= _FEW
    return {"dtick": 1} if few else {}


def entities(axis: Axis) -> dict[str, Any]:
    """Return what the categories of an axis are, for pages on which they can be selected."""
    if not axis.entity:
        return {}
    members = {"members": [list(names) for names in axis.members]} if axis.members else {}
    return {"entity": str(axis.entity), "ids": list(axis.ids or axis.labels), **members}


def _in_lines(words: str, letters: int) -> str:
    return "<br>".join(text(line) for line in in_lines(words, letters))
