"""Palettes that colour-blind readers can tell apart, with a second channel for each colour.

Okabe and Ito (2008), "Color Universal Design"; viridis from matplotlib; the diverging palette runs from the blue to the
vermillion of Okabe and Ito through near-white, so that its two ends differ in hue and its middle means zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, TypeVar

import numpy as np

T = TypeVar("T")
Palette: TypeAlias = tuple[tuple[float, str], ...]
"""Colours and where each stands, 0 to 1."""

OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C8C8C", "#F0E442")

STRIPS = (
    "#009E73", "#CC79A7", "#5D3A9B", "#F0E442", "#0B4F3A", "#DDB8EE",
    "#8B1E5B", "#8EE5C2", "#8C5B2F", "#B8C94A", "#1F1F1F", "#D3C29A",
)  # fmt: skip
"""Colours above a map, in pairs that are told apart: none of those of the diverging palette, and no grey."""
PALE = "#FAFAF5"
"""Low numbers above a map; high ones have the first colour of a pair."""
BLANK = "#C3C9D1"
"""What is not known, in a map and above it."""
EDGE = "#8C8C8C"
"""Around a pale entry of a legend."""

# the same order as the colours: nothing is shown by colour alone
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid", "dash")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "triangle-down", "star")
HATCHES = ("", "/", "x", ".", "-", "+", "\\", "|")

SEQUENTIAL = (
    (0.0, "#440154"), (0.125, "#472D7B"), (0.25, "#3B528B"), (0.375, "#2C728E"), (0.5, "#21918C"),
    (0.625, "#28AE80"), (0.75, "#5EC962"), (0.875, "#ADDC30"), (1.0, "#FDE725"),
)  # fmt: skip
DIVERGING = (
    (0.0, "#00456E"), (0.2, "#0072B2"), (0.4, "#8DBFDD"), (0.5, "#F5F5F2"),
    (0.6, "#F0B58C"), (0.8, "#D55E00"), (1.0, "#7F3800"),
)  # fmt: skip


def ink_on(palette: Palette, place: float) -> str:
    """Return black or white, whichever can be read on a place of a palette; the contrast is 4.5 to 1 or more."""
    light = _luminance(palette, min(max(place, 0.0), 1.0))
    return "#000000" if (light + 0.05) ** 2 > 1.05 * 0.05 else "#FFFFFF"


def _luminance(palette: Palette, place: float) -> float:
    """Return the relative luminance (WCAG 2) of a place of a palette, colours mixed as the figures mix them."""
    stops = [stop for stop, _ in palette]
    weights = (0.2126, 0.7152, 0.0722)
    light = 0.0
    for channel, weight in enumerate(weights):
        values = [int(colour[1 + 2 * channel : 3 + 2 * channel], 16) / 255.0 for _, colour in palette]
        value = float(np.interp(place, stops, values))
        light += weight * (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)
    return light


def cycle(palette: Sequence[T], index: int) -> T:
    """Return an entry of a palette, starting again after the last."""
    return palette[index % len(palette)]
