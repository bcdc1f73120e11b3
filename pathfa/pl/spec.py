"""What is drawn, without saying how: marks and axes for plotly and matplotlib alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

Values = Sequence[Any] | np.ndarray
EMPTY = "nothing to show"
"""What stands in a figure without marks."""
_PALER = 0.35
_LABEL, _COLUMN, _LETTER, _COLOUR_BAR, _NARROWEST, _WIDEST = 240, 28, 7, 130, 260, 1200  # px


class ColourScale(StrEnum):
    """Palette of a heat map."""

    SEQUENTIAL = "sequential"  # 0 to large
    DIVERGING = "diverging"  # signed, 0 in the middle


class Entity(StrEnum):
    """What the categories of an axis or the points of a cloud are; readers can select them."""

    NONE = ""
    FACTOR = "factor"
    GENE_SET = "gene_set"
    SAMPLE = "sample"
    COVARIATE = "covariate"


@dataclass(frozen=True, kw_only=True)
class Axis:
    """An axis.

    Parameters
    ----------
    title
        What it shows, with the unit in brackets.
    entity
        What its categories are.
    ids
        Full name of each category, in the order shown; the labels when empty.
    labels
        The categories as shown; a number axis when empty.
    rows
        What stands at 0, 1, 2 and so on of a number axis, such as rows of scattered points.
    members
        Full names of all that a category stands for, where it stands for several.
    log
        Whether the axis is logarithmic.
    percent
        Whether values are shares, shown in per cent.
    reverse
        Whether it runs downwards.
    hide_labels
        Whether tick labels are left out, because there are too many.
    """

    title: str = ""
    entity: Entity = Entity.NONE
    ids: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    members: tuple[tuple[str, ...], ...] = ()
    log: bool = False
    percent: bool = False
    reverse: bool = False
    hide_labels: bool = False


@dataclass(frozen=True, kw_only=True)
class Heatmap:
    """A table as colours.

    Parameters
    ----------
    values
        Rows run along y, columns along x; NaN is left blank.
    unit
        Title of the colour bar.
    text
        What is written into the cells, so that colour does not stand alone; nothing when None.
    limits
        Values at the ends of the palette; taken from the values when None.
    levels
        Names of the values 0, 1, ..., in the place of numbers beside the colour bar; then there are no others.
    quiet
        Columns of signed values that say less than the others, by their places: their colours are paler.
    """

    values: pd.DataFrame
    unit: str
    scale: ColourScale = ColourScale.SEQUENTIAL
    text: pd.DataFrame | None = None
    limits: tuple[float, float] | None = None
    levels: tuple[str, ...] = ()
    quiet: tuple[int, ...] = ()

    def shades(self) -> np.ndarray:
        """Return the values that the colours are of, like ``values``."""
        found = self.values.to_numpy(dtype=float, copy=True)
        found[:, list(self.quiet)] = _PALER * found[:, list(self.quiet)].clip(*self.ends())
        return found

    def ends(self) -> tuple[float, float]:
        """Return the values at the ends of the palette: symmetric around 0 when signed, the outermost 1 % cut."""
        values = self.values.to_numpy(dtype=float)
        finite = values[np.isfinite(values)]
        if self.limits is not None:
            return self.limits
        if finite.size == 0:
            return (-1.0, 1.0) if self.scale is ColourScale.DIVERGING else (0.0, 1.0)
        if self.scale is ColourScale.DIVERGING:
            reach = float(np.quantile(np.abs(finite), 0.99)) or float(np.abs(finite).max()) or 1.0
            return -reach, reach
        return min(0.0, float(finite.min())), float(finite.max()) or 1.0


@dataclass(frozen=True, kw_only=True)
class Points:
    """A cloud of points, with intervals where given.

    Parameters
    ----------
    x, y
        Positions: numbers, or labels of the axis.
    name
        Name in the legend; none when empty.
    labels
        What a point is, shown on hover.
    ids
        Full names of what the points are, for selection.
    size
        Diameter of each point, px.
    hollow
        Whether points are outlines.
    values, unit
        Numbers that colour the points, in the place of ``style``, and the title of their colour bar.
    low, high
        Ends of the intervals, along x.
    """

    x: Values
    y: Values
    name: str = ""
    labels: Sequence[str] = ()
    ids: Sequence[str] = ()
    size: Values | float = 8.0
    hollow: bool = False
    values: Values | None = None
    unit: str = ""
    low: Values | None = None
    high: Values | None = None
    style: int = 0

    @classmethod
    def with_limits(cls, table: pd.DataFrame, column: str, y: Sequence[str], **more: Any) -> Points:
        """Return a column of a table along x, with its columns ``lower`` and ``upper`` as intervals."""
        x, low, high = (table[name].to_numpy() for name in (column, "lower", "upper"))
        return cls(x=x, y=y, low=low, high=high, **more)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line, a step function or a line with a band."""

    x: Values
    y: Values
    name: str = ""
    steps: bool = False
    markers: bool = False
    low: Values | None = None
    high: Values | None = None
    style: int = 0


@dataclass(frozen=True, kw_only=True)
class Bars:
    """Bars along a category axis; ``horizontal`` puts the categories on y."""

    labels: Sequence[str]
    values: Values
    name: str = ""
    horizontal: bool = False
    style: int = 0


@dataclass(frozen=True, kw_only=True)
class Strip:
    """A row of colours above a heat map, one per category of x: a covariate of the samples.

    Parameters
    ----------
    name
        What it shows.
    values
        Numbers, or the place of each level in ``levels``; NaN where not known.
    levels
        Names of the levels; empty where the values are numbers.
    style
        Place of its first colour among those of strips.
    """

    name: str
    values: np.ndarray
    levels: tuple[str, ...] = ()
    style: int = 0


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A straight line across the figure at a value, with words."""

    value: float
    axis: str
    label: str = ""


Mark = Heatmap | Points | Line | Bars | Strip | Rule


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """Marks on two axes.

    Parameters
    ----------
    marks
        What is drawn, in this order.
    x, y
        Axes.
    height
        Height in px; 96 px are an inch.
    stack
        Whether bars are stacked rather than side by side.
    """

    marks: tuple[Mark, ...]
    x: Axis
    y: Axis
    height: int = 420
    stack: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(map(_size, self.marks))

    def counts(self, which: str) -> bool:
        """Whether an axis, x or y, has whole numbers only, such as numbers of factors.

        Parameters
        ----------
        which
            ``"x"`` or ``"y"``.

        Examples
        --------
        >>> pf.pl.convergence(model).counts("x"), pf.pl.convergence(model).counts("y")
        (True, False)
        """
        along = [getattr(mark, which) for mark in self.marks if isinstance(mark, Points | Line)]
        numbers = [np.asarray(values) for values in along if len(values)]
        return bool(numbers) and all(values.dtype.kind in "iu" for values in numbers)

    @property
    def least_width(self) -> int:
        """Width in px below which categories run into each other; narrower screens scroll."""
        labels = _LABEL if self.y.labels and not self.y.hide_labels else 0
        texts = [mark.text for mark in self.marks if isinstance(mark, Heatmap) and mark.text is not None]
        longest = max((len(str(cell)) for text in texts for cell in text.to_numpy().flat), default=0)
        columns = 0 if self.x.hide_labels else max(_COLUMN, _LETTER * longest) * len(self.x.labels)
        return min(_WIDEST, labels + max(_NARROWEST, columns + (_COLOUR_BAR if texts else 0)))


def _size(mark: Mark) -> int:
    """Return how many things a mark draws; rules and strips go with other marks."""
    match mark:
        case Heatmap():
            return int(mark.values.size)
        case Points() | Line():
            return len(mark.x)
        case Bars():
            return len(mark.labels)
    return 0
