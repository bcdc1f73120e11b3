"""A drawing as a matplotlib figure, for papers."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from matplotlib.figure import Figure as MatplotlibFigure
from matplotlib.layout_engine import ConstrainedLayoutEngine, LayoutEngine
from matplotlib.patches import Patch

from pathfa.core.errors import ConfigError
from pathfa.core.text import shorten
from pathfa.pl.axes import distinct
from pathfa.pl.colours import DIVERGING, HATCHES, OKABE_ITO, SEQUENTIAL, STRIPS, cycle, ink_on
from pathfa.pl.spec import EMPTY, Axis, Bars, ColourScale, Drawing, Heatmap, Line, Mark, Points, Rule, Strip

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable

_PX_PER_INCH = 96.0
_STRIP, _GAP = 26, 6  # px
_PAD = 0.1  # inches around everything
_TITLE, _LABEL, _SMALL = 10, 9, 7  # pt
_LETTER, _LINE = 0.058, 0.11  # inches of a letter and of a line of the small size, about
_SIDE, _SHORTEST = 0.45, 14  # of the width, and of letters, for the names beside an axis
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
    layout = ConstrainedLayoutEngine(w_pad=_PAD, h_pad=_PAD)
    axes = _canvas(figure, width, title, layout).subplots() if ax is None else ax
    canvas = _canvas_of(axes)
    room = width if ax is None else canvas.get_figwidth() * ax.get_position().width
    strips = [mark for mark in figure.marks if isinstance(mark, Strip)]
    bars = [mark for mark in figure.marks if isinstance(mark, Bars)]
    for mark in figure.marks:
        match mark:
            case Heatmap():
                _heatmap(axes, mark, room)
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
    look: dict[str, Any] = {"title": _wrapped(title, room) or None, "title_fontsize": _TITLE, "alignment": "left"}
    look |= {"frameon": False, "fontsize": _SMALL, "ncols": _columns(handles, room), "handles": handles}
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
    names = [name for mark in figure.marks for name in _legend_names(mark)]
    lines = -(-len(names) // _fitting(names, width)) if names else 0
    more = 1.7 * _TITLE / 72 * len(_wrapped(title, width).splitlines()) + 1.7 * _SMALL / 72 * lines
    if _upright(figure.x, width):
        more += max(0.0, max(map(len, figure.x.labels)) * _LETTER - 0.4)
    return PaperFigure(figsize=(width, figure.height / _PX_PER_INCH + more), layout=layout)


def _legend_names(mark: Mark) -> list[str]:
    if isinstance(mark, Strip):
        return [f"{mark.name}: {level}" for level in mark.levels] or [f"{mark.name}: 00.00 to 00.00"]
    name = mark.label if isinstance(mark, Rule) else "" if isinstance(mark, Heatmap) else mark.name
    return [name] if name else []


def _fitting(names: Sequence[str], width: float) -> int:
    """Return how many entries of a legend fit side by side into a width in inches."""
    return max(1, min(len(names), int((width - 0.2) / (max(map(len, names), default=0) * _LETTER + 0.5))))


def _columns(handles: Sequence[Artist], width: float) -> int:
    return _fitting([str(handle.get_label()) for handle in handles], width)


def _wrapped(text: str, width: float, size: float = _TITLE) -> str:
    """Return a text in lines that fit into a width in inches at a size in pt."""
    return _text(textwrap.fill(text, max(10, int(width / (size / _SMALL * _LETTER)))))


def _upright(axis: Axis, width: float) -> bool:
    """Whether the labels of an axis stand upright below it, because side by side they would not fit."""
    if not axis.labels or axis.hide_labels:
        return False
    return max(map(len, axis.labels)) * len(axis.labels) * _LETTER > 0.7 * width


def _strips(axes: Axes, strips: list[Strip], figure: Drawing) -> list[Artist]:
    """Draw covariates as rows of colours above the map, and return what the legend says of them."""
    handles: list[Artist] = []
    height = _STRIP * len(strips) / figure.height
    above = axes.inset_axes((0.0, 1.0 + _GAP / figure.height, 1.0, height))
    for row, strip in enumerate(strips):
        colours = np.ones((len(strip.values), 4))
        known = np.isfinite(strip.values)
        if strip.levels:
            palette = np.array([to_rgba(cycle(STRIPS, code)) for code in range(len(strip.levels))])
            colours[known] = palette[strip.values[known].astype(int)]
            handles += [
                Patch(color=palette[code], label=_text(f"{strip.name}: {level}"))
                for code, level in enumerate(strip.levels)
            ]
        else:
            scale = LinearSegmentedColormap.from_list("numbers", list(SEQUENTIAL))
            low, high = (strip.values[known].min(), strip.values[known].max()) if known.any() else (0.0, 1.0)
            colours[known] = scale((strip.values[known] - low) / ((high - low) or 1.0))
            handles.append(Patch(color=scale(0.5), label=_text(f"{strip.name}: {low:,.4g} to {high:,.4g}")))
        above.imshow(
            colours[None],
            aspect="auto",
            extent=(-0.5, len(colours) - 0.5, row + 0.45, row - 0.45),
            interpolation="none",
        )
    above.set_ylim(len(strips) - 0.5, -0.5)
    above.yaxis.set_ticks(range(len(strips)), [_text(strip.name) for strip in strips], fontsize=_SMALL)
    above.xaxis.set_ticks([])
    return handles


def _text(name: object) -> str:
    return str(name).replace("$", r"\$")


def _axis(axes: Axes, axis: Axis, which: str, figure: Drawing, width: float) -> None:
    target = axes.xaxis if which == "x" else axes.yaxis
    along = (1.0 - _SIDE) * width if which == "x" else 0.6 * figure.height / _PX_PER_INCH
    target.set_label_text(_wrapped(axis.title, along, _LABEL), fontsize=_LABEL)
    names = axis.labels or axis.rows
    if names and not axis.hide_labels:
        upright = which == "x" and _upright(axis, width)
        if which == "y":
            names = distinct([shorten(name, max(_SHORTEST, int(_SIDE * width / _LETTER))) for name in names])
        every = max(1, math.ceil(len(names) * _LINE / along)) if upright else 1  # those between them would not fit
        places = range(0, len(names), every)
        target.set_ticks(places, [_text(names[at]) for at in places], fontsize=_SMALL, rotation=90 * upright)
    is_map = any(isinstance(mark, Heatmap) for mark in figure.marks)
    if names and not is_map:
        (axes.set_xlim if which == "x" else axes.set_ylim)(-0.5, len(names) - 0.5)
    if axis.log:
        (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    if axis.hide_labels:
        target.set_ticks([])
    if axis.percent:
        from matplotlib.ticker import PercentFormatter

        target.set_major_formatter(PercentFormatter(1.0, decimals=0))
    if axis.reverse and not target.get_inverted():
        target.set_inverted(True)


def _heatmap(axes: Axes, mark: Heatmap, width: float) -> None:
    values = mark.values.to_numpy(dtype=float)
    low, high = mark.ends()
    palette = DIVERGING if mark.scale is ColourScale.DIVERGING else SEQUENTIAL
    colours = LinearSegmentedColormap.from_list(str(mark.scale), list(palette))
    image = axes.imshow(values, aspect="auto", cmap=colours, vmin=low, vmax=high, origin="lower", interpolation="none")
    _colour_bar(axes, image, mark.unit)
    if mark.text is None:
        return
    cell = (1.0 - _SIDE) * width / values.shape[1] / _LETTER  # letters that fit
    for (row, column), words in np.ndenumerate(mark.text.to_numpy()):
        if len(words) > cell:
            words = words.replace(" (", "\n(")  # the interval below its number
        if np.isfinite(values[row, column]):
            ink = ink_on(palette, float((values[row, column] - low) / (high - low)))
            axes.text(column, row, _text(words), ha="center", va="center", fontsize=_SMALL, color=ink)


def _colour_bar(axes: Axes, shown: ScalarMappable, unit: str) -> None:
    bar = _canvas_of(axes).colorbar(shown, ax=axes, fraction=0.04)
    bar.set_label(_text(unit), fontsize=_LABEL - 1)
    bar.ax.tick_params(labelsize=_SMALL)


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
