"""The scale of values, recognised from the values themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pathfa.data.cohort.views import Matrix, View, as_dense, stored
from pathfa.data.io.settings import ValueKind

_BLOCK = 2**22  # values that are examined together
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
        Smallest of the values above 0.
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
    values: Matrix = view.values if view.present.all() else view.values[np.flatnonzero(view.present)]
    dense = values if isinstance(values, np.ndarray) else as_dense(values[:, :500])
    numbers = stored(values)
    n = n_zero = values.shape[0] * values.shape[1] - numbers.size  # zeros of a sparse matrix
    smallest, largest, least, whole = (0.0, 0.0, np.inf, True) if n else (np.inf, -np.inf, np.inf, True)
    for block in row_blocks(numbers):
        missing = np.isnan(block)
        seen = block[~missing] if missing.any() else block
        if seen.size:
            n, n_zero = n + seen.size, n_zero + seen.size - int(np.count_nonzero(seen))
            smallest, largest = min(smallest, float(seen.min())), max(largest, float(seen.max()))
            least = min(least, float(np.where(seen > 0, seen, np.inf).min()))
            whole = whole and bool((seen == np.floor(seen)).all())
    if not n:
        return ScaleSummary(
            smallest=np.nan, largest=np.nan, least=np.nan, whole=False, zeros=0, missing=1, zscored=0, centred=False
        )
    mean, sd, n_seen = feature_moments(dense)
    usable = n_seen > 2
    unit = (np.abs(sd - 1) < 0.02) | (np.abs(sd * np.sqrt(n_seen / np.maximum(n_seen - 1, 1)) - 1) < 0.02)
    exact = (np.abs(mean) < 0.02) & unit
    return ScaleSummary(
        smallest=smallest,
        largest=largest,
        least=least,
        whole=whole,
        zeros=n_zero / n,
        missing=1.0 - n / (values.shape[0] * values.shape[1]),
        zscored=float(exact[usable].mean()) if usable.any() else 0.0,
        centred=bool(usable.any() and np.median(np.abs(mean[usable])) < np.median(sd[usable])),
    )


def row_blocks(values: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the rows of an array a few at a time, to keep intermediate results small."""
    step = max(1, _BLOCK // max(1, values[:1].size))
    for start in range(0, len(values), step):
        yield values[start : start + step]


def feature_moments(values: Matrix) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean, standard deviation (divided by n) and number of observed values of every feature, G each."""
    if not isinstance(values, np.ndarray):
        n = np.full(values.shape[1], values.shape[0])
        mean = np.asarray(values.mean(axis=0)).ravel()
        square = np.asarray(values.multiply(values).mean(axis=0)).ravel()
        return mean, np.sqrt(np.maximum(square - mean**2, 0.0)), n
    blocks, nothing = list(row_blocks(values)), np.zeros(values.shape[1])
    total = sum((_column_sums(block) for block in blocks), nothing)
    n = sum((_column_counts(block) for block in blocks), nothing.astype(int))
    mean = total / np.maximum(n, 1)
    square = sum((_column_sums((block - mean) ** 2) for block in blocks), nothing)
    return mean, np.sqrt(square / np.maximum(n, 1)), n


def _column_sums(values: np.ndarray) -> np.ndarray:
    """Return the sum of the observed values of every column; a sum is only missing where a value is."""
    total: np.ndarray = values.sum(axis=0)
    return np.nansum(values, axis=0) if np.isnan(total).any() else total


def _column_counts(values: np.ndarray) -> np.ndarray:
    """Return the number of the observed values of every column."""
    missing = np.isnan(values)
    return len(values) - missing.sum(axis=0) if missing.any() else np.full(values.shape[1], len(values))
