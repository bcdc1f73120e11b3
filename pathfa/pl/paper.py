"""What fits into a figure, about: lines of text, entries of a legend, labels beside and below the axes."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

import numpy as np

from pathfa.pl.axes import short_labels
from pathfa.pl.spec import Drawing, Heatmap, Mark, Points, Rule, Strip
from pathfa.pl.strip_colours import shared_entries

PAD = 0.1
"""Inches around everything."""
TITLE, LABEL, SMALL = 10, 9, 7
"""Sizes of letters, pt."""
LINE = 0.11
"""Inches of a line of the small size."""
_HARD, _SOFT = "\xa0", "\u200b"  # a space at which no line ends; a place where one may end
_LETTER = 0.058  # inches of a letter of the small size
_SIDE, _SHORTEST = 0.45, 14  # of the width, and of letters, for the names beside an axis
_NUMBERS, _NAME, _BAR = 0.4, 0.25, 0.9  # inches of numbers beside an axis, of its title, of a colour bar with its words
_MOST_LINES = 4  # of a label below the axes


def legend_names(marks: Sequence[Mark]) -> list[str]:
    """Return what a legend says of some marks."""
    strips = [mark for mark in marks if isinstance(mark, Strip)]
    others = [mark for mark in marks if not isinstance(mark, Strip | Heatmap)]
    names = [mark.label if isinstance(mark, Rule) else mark.name for mark in others]
    return [*filter(None, names), *(words for words, _ in shared_entries(strips))]


def fitting(names: Sequence[str], width: float) -> int:
    """Return in how many columns, each as wide as its longest entry, a legend fits into a width in inches."""
    for columns in range(len(names), 1, -1):
        longest = [max(map(len, part)) for part in np.array_split(np.asarray(names, dtype=object), columns)]
        if sum(longest) * _LETTER + 0.5 * columns <= width - 0.2:
            return columns
    return 1


def wrapped(text: str, width: float, size: float = TITLE) -> str:
    """Return a text in lines that fit into a width in inches at a size in pt."""
    return "\n".join(in_lines(text, max(10, int(width / (size / SMALL * _LETTER)))))


def in_lines(text: str, most: int) -> list[str]:
    """Return a text in lines of so many letters, where words allow; what is short and in brackets stays whole."""
    whole = re.sub(r"\([^()]{1,14}\)", lambda found: found[0].replace(" ", _HARD), text)
    ends = re.sub(r"([…_])(?=\S)", rf"\1{_SOFT} ", whole)  # what is left out may end one, and a part of a column's name
    parts = textwrap.wrap(ends, max(1, most), break_long_words=False)
    return [part.replace(f"{_SOFT} ", "").replace(_SOFT, "").replace(_HARD, " ") for part in parts]


def along(figure: Drawing, which: str, width: float) -> float:
    """Return the inches that the axes of a figure of a width have along x or y, beside names and colour bar."""
    if which == "y":
        return 0.6 * figure.height / 96.0
    names = figure.y.labels or figure.y.rows
    side = _NUMBERS if not names or figure.y.hide_labels else min(_SIDE * width, max(map(len, names)) * _LETTER)
    values = [mark.values for mark in figure.marks if isinstance(mark, Heatmap | Points)]
    bar = _BAR * any(each is not None for each in values)
    return max(0.3 * width, width - 2 * PAD - _NAME - side - bar)


def beside(figure: Drawing, width: float) -> Sequence[str]:
    """Return the labels beside the axes."""
    names = figure.y.labels or figure.y.rows
    most = max(_SHORTEST, int(_SIDE * width / _LETTER))
    if len(names) * 2.2 * LINE > along(figure, "y", width):
        return short_labels(names, most)
    lines = [in_lines(name, most) for name in names]
    if any(len(parts) > 2 or max(map(len, parts), default=0) > most for parts in lines):
        lines = [in_lines(name, most) for name in short_labels(names, most)]
    return ["\n".join(parts) for parts in lines]


def below(figure: Drawing, width: float) -> tuple[Sequence[str], bool]:
    """Return the labels below the axes, in lines where that makes them fit, and whether they must stand upright."""
    names = () if figure.x.hide_labels else figure.x.labels or figure.x.rows
    most = letters(figure, width, len(names)) - 1
    if max(map(len, names), default=0) <= most:
        return names, False
    lines = [in_lines(name, most) for name in names]
    if all(len(parts) <= _MOST_LINES and max(map(len, parts), default=0) <= most for parts in lines):
        return ["\n".join(parts) for parts in lines], False
    return names, True


def below_height(figure: Drawing, width: float) -> float:
    """Return the inches that the labels below the axes need beyond one line."""
    names, upright = below(figure, width)
    if upright:
        return max(0.0, max(map(len, names)) * _LETTER - 0.4)
    return LINE * max((name.count("\n") for name in names), default=0)


def letters(figure: Drawing, width: float, columns: int) -> int:
    """Return how many letters of the small size fit into each of some columns."""
    return int(along(figure, "x", width) / max(1, columns) / _LETTER)
