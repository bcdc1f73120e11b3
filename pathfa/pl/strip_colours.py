"""Colours of the strips above a map, and what a legend says of them: alike in plotly and matplotlib."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pathfa.pl.colours import BLANK, PALE, STRIPS, Palette, cycle
from pathfa.pl.spec import Strip

UNKNOWN = "not known"
"""What a legend calls samples without a value."""
_FAR = 3.0  # interquartile ranges beyond the quartiles from which a number no longer stretches the colours


def colours_taken(strip: Strip) -> int:
    """Return how many colours of the palette a strip takes; the next begins with the first of a pair."""
    return 2 * max(1, -(-len(strip.levels) // 2))


def limits(strip: Strip) -> tuple[float, float]:
    """Return the values at the ends of the colours: of numbers the outermost that are not far from the others."""
    if strip.levels:
        return -0.5, len(strip.levels) - 0.5
    known = strip.values[np.isfinite(strip.values)]
    if not len(known):
        return 0.0, 1.0
    low, high = np.quantile(known, [0.25, 0.75])
    near = known[np.abs(known - np.clip(known, low, high)) <= _FAR * (high - low)] if high > low else known
    bottom, top = float(near.min()), float(near.max())
    return (bottom, top) if bottom < top else (bottom - 1.0, top)


def strip_palette(strip: Strip) -> Palette:
    """Return the colours of a strip and where each stands: a step per level, or from pale to full with the numbers."""
    size = len(strip.levels)
    if not size:
        return (0.0, PALE), (1.0, cycle(STRIPS, strip.style))
    return tuple(
        (place / size, cycle(STRIPS, strip.style + code)) for code in range(size) for place in (code, code + 1)
    )


def entries(strip: Strip) -> list[tuple[str, str]]:
    """Return the entries of a legend, words and colour: the levels, or low, middle and high; then what is not known."""
    return _known(strip) + [(UNKNOWN, BLANK)] * _lacks(strip)


def shared_entries(strips: Sequence[Strip]) -> list[tuple[str, str]]:
    """Return the entries of one legend of several strips: those of each with its name; once what is not known."""
    found = [(f"{strip.name}: {words}", colour) for strip in strips for words, colour in _known(strip)]
    return found + [(UNKNOWN, BLANK)] * any(map(_lacks, strips))


def _lacks(strip: Strip) -> bool:
    return bool(np.isnan(strip.values).any())


def _known(strip: Strip) -> list[tuple[str, str]]:
    if strip.levels:
        return [(level, cycle(STRIPS, strip.style + code)) for code, level in enumerate(strip.levels)]
    return _of_numbers(strip)


def _of_numbers(strip: Strip) -> list[tuple[str, str]]:
    known = strip.values[np.isfinite(strip.values)]
    if not len(known):
        return []
    low, high = limits(strip)
    least, most = float(known.min()), float(known.max())
    full = cycle(STRIPS, strip.style)
    if least > low:
        return [(_span(least, most), full)]
    return [(_span(least, low), PALE), (_number((low + high) / 2.0), _mixed(PALE, full)), (_span(high, most), full)]


def _span(first: float, last: float) -> str:
    return _number(first) if first == last else f"{_number(first)} to {_number(last)}"


def _number(value: float) -> str:
    return f"{value:,.4g}"


def _mixed(first: str, second: str) -> str:
    """Return the colour halfway between two."""
    parts = [[int(colour[place : place + 2], 16) for place in (1, 3, 5)] for colour in (first, second)]
    return "#" + "".join(f"{round((a + b) / 2):02X}" for a, b in zip(*parts, strict=True))
