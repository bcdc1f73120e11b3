"""The scale of values, recognised from the values themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pathfa.data.cohort.views import View
from pathfa.data.io.settings import ValueKind

_LARGEST_LOG = 60.0  # no logarithm of a measurement is larger
_NO_COUNT = 1000.0  # where all of many whole numbers above 0 are larger, nothing was counted: intensities, rounded


@dataclass(frozen=True, kw_only=True)
class ScaleSummary:
    """Numbers that show the scale of a view.

    Parameters
    ----------
    smallest, largest
        Range of the values.
    least
        Smallest of the values above 0, where all are whole numbers.
    whole
        Whether all are whole numbers.
    zeros, missing
        Shares of exact zeros among the observed values, and of missing values, 0..1.
    zscored
        Share of the features with mean 0 and standard deviation 1, 0..1.
    centred
        Whether the feature means scatter around zero far less than the values do.
    """

    smallest: float
    largest: float
    least: float
    whole: bool
    zeros: float
    missing: float
    zscored: float
    centred: bool

    @property
    def kind(self) -> ValueKind:
        """The most likely scale."""
        if self.smallest >= 0:
            if self.whole and self.largest > 1:
                return ValueKind.COUNTS if self.least < _NO_COUNT else ValueKind.INTENSITY
            if self.largest > _LARGEST_LOG:
                return ValueKind.NORMALISED if self.zeros > 0 else ValueKind.INTENSITY
            return ValueKind.LOG
        if self.zscored > 0.9:
            return ValueKind.ZSCORED
        return ValueKind.RATIO if self.centred else ValueKind.LOG

    @property
    def bounded(self) -> ValueKind | None:
        """Fractions or zeros and ones, if the values are such; they may also be small logarithms."""
        if not (self.smallest >= 0 and 0 < self.largest <= 1):
            return None
        return ValueKind.BINARY if self.whole else ValueKind.FRACTION

    def __str__(self) -> str:
        whole = "whole numbers" if self.whole else "values"
        return f"{whole} from {self.smallest:.4g} to {self.largest:.4g}"


def summarise(view: View) -> ScaleSummary:
    """Return the numbers that show the scale of the measured samples of a view."""
    known = view.profile
    if not known.n_values:
        return ScaleSummary(
            smallest=np.nan, largest=np.nan, least=np.nan, whole=False, zeros=0, missing=1, zscored=0, centred=False
        )
    mean, sd, n_seen = known.mean, known.sd, known.n
    usable = n_seen > 2
    unit = (np.abs(sd - 1) < 0.02) | (np.abs(sd * np.sqrt(n_seen / np.maximum(n_seen - 1, 1)) - 1) < 0.02)
    exact = (np.abs(mean) < 0.02) & unit
    return ScaleSummary(
        smallest=known.smallest,
        largest=known.largest,
        least=known.least,
        whole=known.whole,
        zeros=known.n_zero / known.n_values,
        missing=1.0 - known.n_values / (len(known.totals) * len(mean)),
        zscored=float(exact[usable].mean()) if usable.any() else 0.0,
        centred=bool(usable.any() and np.median(np.abs(mean[usable])) < np.median(sd[usable])),
    )
