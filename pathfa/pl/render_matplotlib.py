"""A drawing as a matplotlib figure, for papers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from matplotlib.figure import Figure as MatplotlibFigure
from matplotlib.patches import Patch

from pathfa.pl.colours import DIVERGING, HATCHES, OKABE_ITO, SEQUENTIAL, cycle, ink_on
from pathfa.pl.spec import Axis, Bars, ColourScale, Drawing, Heatmap, Line, Points, Rule, Strip

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PX_PER_INCH = 96.0
_STRIP = 26  # px
_MARKERS = ("o", "s", "D", "^", "P", "X", "v", "*")  # in the order of SYMBOLS, as lines in that of DASHES
_LINES = ("-", "--", ":", "-.", (0, (8, 3)), (0, (8, 3, 1, 3)), "-", "--")


def draw(figure: Drawing, width: float) -> MatplotlibFigure:
    """Return the figure at a width in inches."""
    canvas = MatplotlibFigure(figsize=(width, figure.height / _PX_PER_INCH), layout="constrained")
    strips = [mark for mark in figure.marks if isinstance(mark, Strip)]
    if strips:
        share = _STRIP * len(strips) / figure.height
        above, axes = canvas.subplots(2, 1, sharex=True, height_ratios=[share, 1.0 - share])
        _strips(above, strips)
    else:
        axes = canvas.subplots()
    bars = [mark for mark in figure.marks if isinstance(mark, Bars)]
    for mark in figure.marks:
        match mark:
            case Heatmap():
                _heatmap(axes, mark)
            case Points():
                _points(axes, mark, figure)
            case Line():
                _line(axes, mark)
            case Bars():
                _bars(axes, mark, bars, stack=figure.stack)
            case Rule():
                line = axes.axvline if mark.axis == "x" else axes.axhline
                line(mark.value, color="#777777", linestyle=":", linewidth=1, label=_text(mark.label) or "_")
    _axis(axes, figure.x, "x", figure)
    _axis(axes, figure.y, "y", figure)
    _, labels = axes.get_legend_handles_labels()
    if labels and not strips:
        axes.legend(frameon=False, fontsize=8, loc="best")
    return canvas


def _strips(axes: Axes, strips: list[Strip]) -> None:
    """Draw covariates as rows of colours, each with its own palette, and say in the legend what the colours are."""
    handles = []
    for row, strip in enumerate(strips):
        colours = np.ones((len(strip.values), 4))
        known = np.isfinite(strip.values)
        if strip.levels:
            palette = np.array([to_rgba(cycle(OKABE_ITO, code)) for code in range(len(strip.levels))])
            colours[known] = palette[strip.values[known].astype(int)]
            handles += [
                Patch(color=palette[code], label=_text(f"{strip.name}: {level}"))
                for code, level in enumerate(strip.levels)
            ]
        else:
            scale = LinearSegmentedColormap.from_list("numbers", list(SEQUENTIAL))
            low, high = np.nanmin(strip.values), np.nanmax(strip.values)
            colours[known] = scale((strip.values[known] - low) / ((high - low) or 1.0))
            handles.append(Patch(color=scale(0.5), label=_text(f"{strip.name}: {low:,.4g} to {high:,.4g}")))
        axes.imshow(
            colours[None],
            aspect="auto",
            extent=(-0.5, len(colours) - 0.5, row + 0.45, row - 0.45),
            interpolation="none",
        )
    axes.set_ylim(len(strips) - 0.5, -0.5)
    axes.yaxis.set_ticks(range(len(strips)), [_text(strip.name) for strip in strips], fontsize=7)
    axes.tick_params(axis="x", labelbottom=False, bottom=False)
    axes.legend(handles=handles, frameon=False, fontsize=6, ncols=4, loc="lower left", bbox_to_anchor=(0.0, 1.0))


def _text(name: object) -> str:
    return str(name).replace("$", r"\$")


def _axis(axes: Axes, axis: Axis, which: str, figure: Drawing) -> None:
    target = axes.xaxis if which == "x" else axes.yaxis
    target.set_label_text(_text(axis.title), fontsize=9)
    if axis.labels:
        if not axis.hide_labels:
            target.set_ticks(range(len(axis.labels)), [_text(item) for item in axis.labels], fontsize=7)
            if which == "x" and max(map(len, axis.labels)) * len(axis.labels) > 60:
                axes.tick_params(axis="x", rotation=90)
        is_map = any(isinstance(mark, Heatmap) for mark in figure.marks)
        if not is_map:
            (axes.set_xlim if which == "x" else axes.set_ylim)(-0.5, len(axis.labels) - 0.5)
    elif axis.log:
        (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    if axis.hide_labels:
        target.set_ticks([])
    if axis.percent:
        from matplotlib.ticker import PercentFormatter

        target.set_major_formatter(PercentFormatter(1.0, decimals=0))
    if axis.reverse and not target.get_inverted():
        target.set_inverted(True)


def _heatmap(axes: Axes, mark: Heatmap) -> None:
    values = mark.values.to_numpy(dtype=float)
    low, high = mark.ends()
    palette = DIVERGING if mark.scale is ColourScale.DIVERGING else SEQUENTIAL
    colours = LinearSegmentedColormap.from_list(str(mark.scale), list(palette))
    image = axes.imshow(values, aspect="auto", cmap=colours, vmin=low, vmax=high, origin="lower", interpolation="none")
    bar = axes.figure.colorbar(image, ax=axes.figure.axes, fraction=0.04)
    bar.set_label(_text(mark.unit), fontsize=8)
    if mark.text is None:
        return
    for (row, column), words in np.ndenumerate(mark.text.to_numpy()):
        if np.isfinite(values[row, column]):
            ink = ink_on(palette, float((values[row, column] - low) / (high - low)))
            axes.text(column, row, _text(words), ha="center", va="center", fontsize=7, color=ink)


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
    axes.scatter(x, y, s=size, marker=cycle(_MARKERS, mark.style), label=_text(mark.name) or "_", **look)
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
