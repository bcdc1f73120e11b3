"""A drawing as a matplotlib figure, for papers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from pathfa.core.errors import ConfigError
from pathfa.core.needed import needed
from pathfa.pl.colours import BLANK, DIVERGING, EDGE, HATCHES, OKABE_ITO, SEQUENTIAL, cycle, ink_on
from pathfa.pl.paper import (
    LABEL,
    LINE,
    PAD,
    SMALL,
    TITLE,
    along,
    below,
    below_height,
    beside,
    fitting,
    legend_names,
    letters,
    wrapped,
)
from pathfa.pl.spec import EMPTY, Axis, Bars, ColourScale, Drawing, Heatmap, Line, Points, Rule, Strip
from pathfa.pl.strip_colours import limits, shared_entries, strip_palette

with needed("matplotlib", "a figure for paper"):
    from matplotlib.collections import PathCollection
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure as MatplotlibFigure
    from matplotlib.layout_engine import ConstrainedLayoutEngine, LayoutEngine
    from matplotlib.legend_handler import HandlerPathCollection
    from matplotlib.patches import Patch
    from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator, PercentFormatter, StrMethodFormatter

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.axis import XAxis, YAxis
    from matplotlib.cm import ScalarMappable

_PX_PER_INCH = 96.0
_STRIP, _GAP = 26, 6  # px
_DECADE = 10.0
_SMALLEST = 4.5  # pt, in cells of a map
_SYMBOL = 30.0  # area of a symbol in a legend
_LEGEND = {
    "borderpad": 0.4,
    "labelspacing": 0.5,
    "handlelength": 2.0,
    "handleheight": 0.7,
    "handletextpad": 0.8,
    "columnspacing": 2.0,
}  # what ``pl/paper.py`` counts on; other packages set their own when they are imported
_MARKERS = ("o", "s", "D", "^", "P", "X", "v", "*")  # in the order of SYMBOLS, as lines in that of DASHES
_LINES = ("-", "--", ":", "-.", (0, (8, 3)), (0, (8, 3, 1, 3)), "-", "--")


class PaperFigure(MatplotlibFigure):
    """A figure of matplotlib that a notebook shows whether or not pyplot has been set up there."""

    def _repr_png_(self) -> bytes:
        return png(self)


def png(figure: MatplotlibFigure) -> bytes:
    """Return a figure as the content of a PNG file."""
    still = BytesIO()
    figure.savefig(still, format="png")
    return still.getvalue()


def draw(figure: Drawing, width: float, title: str = "", ax: Axes | None = None) -> MatplotlibFigure:
    """Return the figure at a width in inches, or the figure of the axes that it is drawn into.

    Legends and strips stand above the axes, so that nothing lies on the data.
    """
    layout = ConstrainedLayoutEngine(w_pad=PAD, h_pad=PAD)
    axes = _canvas(figure, width, title, layout).subplots() if ax is None else ax
    canvas = _canvas_of(axes)
    room = width if ax is None else canvas.get_figwidth() * ax.get_position().width
    strips = [mark for mark in figure.marks if isinstance(mark, Strip)]
    bars = [mark for mark in figure.marks if isinstance(mark, Bars)]
    for mark in figure.marks:
        match mark:
            case Heatmap():
                _heatmap(axes, mark, letters(figure, room, mark.values.shape[1]))
            case Points():
                _points(axes, mark, figure)
            case Line():
                _line(axes, mark)
            case Bars():
                _bars(axes, mark, bars, stack=figure.stack)
            case Rule():
                line = axes.axvline if mark.axis == "x" else axes.axhline
                line(mark.value, color="#777777", linestyle=":", linewidth=1, label=_text(mark.label) or "_")
    _axis(axes, figure.x, "x", figure, room)
    _axis(axes, figure.y, "y", figure, room)
    if figure.is_empty:
        axes.text(0.5, 0.5, EMPTY, ha="center", va="center", transform=axes.transAxes)
        axes.set_xticks([])
        axes.set_yticks([])
    handles, _ = axes.get_legend_handles_labels()
    handles += _strips(axes, strips, figure) if strips else []
    top = 1.0 + (_STRIP * len(strips) + _GAP) / figure.height if strips else 1.0
    look: dict[str, Any] = {"title": _text(wrapped(title, room)) or None, "title_fontsize": TITLE, "alignment": "left"}
    look |= {**_LEGEND, "frameon": False, "fontsize": SMALL, "ncols": _columns(handles, room), "handles": handles}
    look["handler_map"] = {PathCollection: HandlerPathCollection(sizes=[_SYMBOL])}
    if ax is not None:
        axes.legend(loc="lower left", bbox_to_anchor=(0.0, top), borderaxespad=0.0, **look)
    else:
        canvas.legend(loc="outside upper left", **look)
        for _ in strips:  # their height follows that of the axes, which the layout then changes
            layout.execute(canvas)
    return canvas


def _canvas_of(axes: Axes) -> MatplotlibFigure:
    canvas = axes.get_figure(root=True)
    if canvas is None:
        raise ConfigError.of("axes-without-figure", "axes that were removed from their figure", "axes of a figure")
    return canvas


def _canvas(figure: Drawing, width: float, title: str, layout: LayoutEngine) -> MatplotlibFigure:
    """Return an empty figure that is high enough for title, legend and upright labels beside what is drawn."""
    names = legend_names(figure.marks)
    lines = -(-len(names) // fitting(names, width)) if names else 0
    more = 1.7 * TITLE / 72 * len(wrapped(title, width).splitlines()) + 1.7 * SMALL / 72 * lines
    more += below_height(figure, width)
    return PaperFigure(figsize=(width, figure.height / _PX_PER_INCH + more), layout=layout)


def _columns(handles: Sequence[Artist], width: float) -> int:
    return fitting([str(handle.get_label()) for handle in handles], width)


def _strips(axes: Axes, strips: list[Strip], figure: Drawing) -> list[Artist]:
    """Draw covariates as rows of colours above the map, and return what the legend says of them."""
    height = _STRIP * len(strips) / figure.height
    above = axes.inset_axes((0.0, 1.0 + _GAP / figure.height, 1.0, height))
    for row, strip in enumerate(strips):
        low, high = limits(strip)
        above.imshow(
            strip.values[None],
            aspect="auto",
            extent=(-0.5, len(strip.values) - 0.5, row + 0.45, row - 0.45),
            interpolation="none",
            cmap=LinearSegmentedColormap.from_list(strip.name, list(strip_palette(strip))).with_extremes(bad=BLANK),
            vmin=low,
            vmax=high,
        )
    above.set_ylim(len(strips) - 0.5, -0.5)
    above.yaxis.set_ticks(range(len(strips)), [_text(strip.name) for strip in strips], fontsize=SMALL)
    above.xaxis.set_ticks([])
    look: dict[str, Any] = {"edgecolor": EDGE, "linewidth": 0.5}
    return [Patch(facecolor=colour, label=_text(words), **look) for words, colour in shared_entries(strips)]


def _text(name: object) -> str:
    return str(name).replace("$", r"\$")


def _axis(axes: Axes, axis: Axis, which: str, figure: Drawing, width: float) -> None:
    target = axes.xaxis if which == "x" else axes.yaxis
    room = along(figure, which, width)
    target.set_label_text(_text(wrapped(axis.title, room, LABEL)), fontsize=LABEL)
    names: Sequence[str] = axis.labels or axis.rows
    if names and not axis.hide_labels:
        names, upright = below(figure, width) if which == "x" else (beside(figure, width), False)
        every = max(1, math.ceil(len(names) * LINE / room)) if upright else 1  # those between them would not fit
        places = range(0, len(names), every)
        target.set_ticks(places, [_text(names[at]) for at in places], fontsize=SMALL, rotation=90 * upright)
    is_map = any(isinstance(mark, Heatmap) for mark in figure.marks)
    if names and not is_map:
        (axes.set_xlim if which == "x" else axes.set_ylim)(-0.5, len(names) - 0.5)
    if axis.log:
        (axes.set_xscale if which == "x" else axes.set_yscale)("log")
        _plain_ticks(target)
    elif not names and not axis.percent and figure.counts(which):
        target.set_major_locator(MaxNLocator(integer=True))
    if axis.hide_labels:
        target.set_ticks([])
    if axis.percent:
        target.set_major_formatter(PercentFormatter(1.0, decimals=0))
    if axis.reverse and not target.get_inverted():
        target.set_inverted(True)


def _plain_ticks(axis: XAxis | YAxis) -> None:
    """Put ticks at numbers that are easy to read on a logarithmic axis, written out."""
    low, high = axis.get_view_interval()
    few = high < _DECADE * low
    axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]) if few else LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.set_minor_locator(NullLocator())


def _heatmap(axes: Axes, mark: Heatmap, cell: int) -> None:
    values = mark.shades()
    low, high = mark.ends()
    palette = DIVERGING if mark.scale is ColourScale.DIVERGING else SEQUENTIAL
    colours = LinearSegmentedColormap.from_list(str(mark.scale), list(palette))
    image = axes.imshow(values, aspect="auto", cmap=colours, vmin=low, vmax=high, origin="lower", interpolation="none")
    _colour_bar(axes, image, mark.unit, mark.levels)
    if mark.text is None:
        return
    longest = max((len(words) for words in mark.text.to_numpy().ravel()), default=0)
    # the interval below the value
    parts = mark.text if longest <= cell else mark.text.map(lambda words: words.replace(" (", "\n("))
    longest = max((len(line) for words in parts.to_numpy().ravel() for line in words.split("\n")), default=0)
    size = max(_SMALLEST, SMALL * min(1.0, cell / max(1, longest)))
    for (row, column), words in np.ndenumerate(parts.to_numpy()):
        if np.isfinite(values[row, column]):
            ink = ink_on(palette, float((values[row, column] - low) / (high - low)))
            axes.text(column, row, _text(words), ha="center", va="center", fontsize=size, color=ink)


def _colour_bar(axes: Axes, shown: ScalarMappable, unit: str, levels: Sequence[str] = ()) -> None:
    bar = _canvas_of(axes).colorbar(shown, ax=axes, fraction=0.04)
    if levels:
        bar.set_ticks(list(range(len(levels))), labels=list(levels))
    bar.set_label(_text(unit), fontsize=LABEL - 1)
    bar.ax.tick_params(labelsize=SMALL)


def _places(values: Any, axis: Axis) -> Any:
    if not axis.labels:
        return np.asarray(values, dtype=float)
    place = {label: index for index, label in enumerate(axis.labels)}
    return [place.get(value, value) for value in values]


def _points(axes: Axes, mark: Points, figure: Drawing) -> None:
    colour = cycle(OKABE_ITO, mark.style)
    x, y = _places(mark.x, figure.x), _places(mark.y, figure.y)
    size = np.square(np.asarray(mark.size, dtype=float) * 0.75)
    look: dict[str, Any] = {"facecolors": "none", "edgecolors": colour} if mark.hollow else {"c": colour}
    if mark.values is not None:
        scale = LinearSegmentedColormap.from_list("numbers", list(SEQUENTIAL))
        look = {"c": np.asarray(mark.values, dtype=float), "cmap": scale}
    drawn = axes.scatter(x, y, s=size, marker=cycle(_MARKERS, mark.style), label=_text(mark.name) or "_", **look)
    if mark.values is not None:
        _colour_bar(axes, drawn, mark.unit)
    if mark.low is not None and mark.high is not None:
        centre = np.asarray(x, dtype=float)
        reach = np.clip(np.stack([centre - np.asarray(mark.low), np.asarray(mark.high) - centre]), 0.0, None)
        axes.errorbar(x, y, fmt="none", ecolor=colour, elinewidth=0.8, xerr=reach)


def _line(axes: Axes, mark: Line) -> None:
    colour = cycle(OKABE_ITO, mark.style)
    if mark.low is not None and mark.high is not None:
        step: Any = "post" if mark.steps else None
        axes.fill_between(mark.x, mark.low, mark.high, color=colour, alpha=0.18, linewidth=0, step=step)
    axes.plot(
        mark.x,
        mark.y,
        color=colour,
        linestyle=cycle(_LINES, mark.style),
        marker=cycle(_MARKERS, mark.style) if mark.markers else "",
        markersize=4,
        drawstyle="steps-post" if mark.steps else "default",
        label=_text(mark.name) or "_",
    )


def _bars(axes: Axes, mark: Bars, bars: list[Bars], *, stack: bool) -> None:
    place = np.arange(len(mark.labels), dtype=float)
    index = next(place for place, bar in enumerate(bars) if bar is mark)
    look: dict[str, Any] = {
        "color": cycle(OKABE_ITO, mark.style),
        "hatch": cycle(HATCHES, mark.style) * 2,
        "label": _text(mark.name) or "_",
    }
    if stack:
        base = np.sum([np.asarray(item.values, dtype=float) for item in bars[:index]], axis=0) if index else 0.0
        extent, width = place, 0.8
    else:
        base, width = 0.0, 0.8 / len(bars)
        extent = place + (index - 0.5 * (len(bars) - 1)) * width
    if mark.horizontal:
        axes.barh(extent, mark.values, height=width, left=base, **look)
    else:
        axes.bar(extent, mark.values, width=width, bottom=base, **look)
