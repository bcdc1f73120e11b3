"""What scale values are on, told from the values themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pathfa.data.settings import Kind
from pathfa.data.views import Matrix, View, as_dense

_LARGEST_LOG = 60.0  # no logarithm of a measurement is larger


@dataclass(frozen=True, kw_only=True)
class ScaleSummary:
    """Numbers that tell the scale of a view.

    Parameters
    ----------
    smallest, largest
        Range of the values.
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
    whole: bool
    zeros: float
    missing: float
    zscored: float
    centred: bool

    @property
    def kind(self) -> Kind:
        """The most likely scale."""
        if self.smallest >= 0:
            if self.whole and self.largest > 1:
                return Kind.COUNTS
            if self.largest > _LARGEST_LOG:
                return Kind.NORMALISED if self.zeros > 0 else Kind.INTENSITY
            return Kind.LOG
        if self.zscored > 0.9:
            return Kind.ZSCORED
        return Kind.RATIO if self.centred else Kind.LOG

    def __str__(self) -> str:
        whole = "whole numbers" if self.whole else "values"
        return f"{whole} from {self.smallest:.4g} to {self.largest:.4g}"


def summarise(view: View) -> ScaleSummary:
    """Return the numbers that tell the scale of the measured samples of a view."""
    values: Matrix = view.values if view.present.all() else view.values[np.flatnonzero(view.present)]
    size = values.shape[0] * values.shape[1]
    if not isinstance(values, np.ndarray):
        stored = np.asarray(values.data)
        observed = np.append(stored, 0.0) if stored.size < size else stored
        zeros = 1.0 - np.count_nonzero(stored) / max(size, 1)
        missing = 0.0
        dense = as_dense(values[:, :500])
    else:
        dense = as_dense(values)
        observed = dense[~np.isnan(dense)]
        zeros = float(np.mean(observed == 0)) if observed.size else 0.0
        missing = 1.0 - observed.size / max(size, 1)
    if not observed.size:
        return ScaleSummary(smallest=np.nan, largest=np.nan, whole=False, zeros=0, missing=1, zscored=0, centred=False)
    mean, sd, n = feature_moments(dense)
    usable = n > 2
    exact = (np.abs(mean) < 0.02) & (
        (np.abs(sd - 1) < 0.02) | (np.abs(sd * np.sqrt(n / np.maximum(n - 1, 1)) - 1) < 0.02)
    )
    return ScaleSummary(
        smallest=float(observed.min()),
        largest=float(observed.max()),
        whole=bool(np.all(observed == np.floor(observed))),
        zeros=float(zeros),
        missing=float(missing),
        zscored=float(exact[usable].mean()) if usable.any() else 0.0,
        centred=bool(usable.any() and np.median(np.abs(mean[usable])) < np.median(sd[usable])),
    )


def feature_moments(values: Matrix) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean, standard deviation (divided by n) and number of observed values of every feature, G each."""
    if not isinstance(values, np.ndarray):
        n = np.full(values.shape[1], values.shape[0])
        mean = np.asarray(values.mean(axis=0)).ravel()
        square = np.asarray(values.multiply(values).mean(axis=0)).ravel()
        return mean, np.sqrt(np.maximum(square - mean**2, 0.0)), n
    seen = ~np.isnan(values)
    n = seen.sum(axis=0)
    mean = np.where(seen, values, 0.0).sum(axis=0) / np.maximum(n, 1)
    sd = np.sqrt((np.where(seen, values - mean, 0.0) ** 2).sum(axis=0) / np.maximum(n, 1))
    return mean, sd, n
