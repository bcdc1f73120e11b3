"""Transformations of the scale of values with their inverses, and normalisation of whole samples."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from enum import StrEnum

import anndata as ad
import numpy as np
from scipy import sparse

from pathfa.core.needed import needed
from pathfa.data.cohort.matrix import InMemory
from pathfa.data.io.settings import ValueKind


class Transform(StrEnum):
    """What is done to values before they are centred."""

    NONE = "none"
    LOG1P = "log1p"  # ln(x + 1)
    LOG2 = "log2"  # log2(x); zero and below count as missing
    LOG2P1 = "log2p1"  # log2(x + 1)
    LOGIT = "logit"  # log2(x / (1 - x)), the M-value of methylation (Du et al. 2010)
    SQRT = "sqrt"  # 2 sqrt(x + 3/8), which makes the variance of counts about 1 (Anscombe 1948)


DEFAULT_TRANSFORM = {
    ValueKind.COUNTS: Transform.LOG1P,
    ValueKind.ESTIMATED_COUNTS: Transform.LOG1P,
    ValueKind.NORMALISED: Transform.LOG2P1,
    ValueKind.INTENSITY: Transform.LOG2,
    ValueKind.LOG: Transform.NONE,
    ValueKind.RATIO: Transform.NONE,
    ValueKind.FRACTION: Transform.LOGIT,
    ValueKind.BINARY: Transform.NONE,
    ValueKind.ZSCORED: Transform.NONE,
}
KEEPS_ZEROS = (Transform.NONE, Transform.LOG1P, Transform.LOG2P1)


_END = 1e-3  # fractions nearer to 0 or 1 count as this near: no instrument tells them apart
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(21)


def _logit(values: np.ndarray) -> np.ndarray:
    inside = np.clip(values, _END, 1.0 - _END)
    return np.asarray(np.log2(inside / (1.0 - inside)))


def _fraction(values: np.ndarray) -> np.ndarray:
    return np.asarray(1.0 / (1.0 + np.exp2(-values)))


_FORWARD: Mapping[Transform, Callable[[np.ndarray], np.ndarray]] = {
    Transform.NONE: lambda values: values,
    Transform.LOG1P: np.log1p,
    Transform.LOG2P1: lambda values: np.log1p(values) / np.log(2.0),
    Transform.LOG2: lambda values: np.log2(np.where(values > 0, values, np.nan)),
    Transform.LOGIT: _logit,
    Transform.SQRT: lambda values: 2.0 * np.sqrt(values + 0.375),
}
_BACK: Mapping[Transform, Callable[[np.ndarray], np.ndarray]] = {
    Transform.NONE: lambda values: values,
    Transform.LOG1P: np.expm1,
    Transform.LOG2P1: lambda values: np.expm1(values * np.log(2.0)),
    Transform.LOG2: np.exp2,
    Transform.LOGIT: _fraction,
    Transform.SQRT: lambda values: np.maximum(values, 0.0) ** 2 / 4.0 - 0.375,
}


def apply_transform(values: np.ndarray, transformation: Transform) -> np.ndarray:
    """Return transformed values, NaN where they were NaN or have no logarithm."""
    return np.asarray(_FORWARD[transformation](values))


def invert_transform(values: np.ndarray, transformation: Transform) -> np.ndarray:
    """Return the values that :func:`apply_transform` transforms into the given ones."""
    return np.asarray(_BACK[transformation](values))


def invert_sd(sd: np.ndarray, mean: np.ndarray, transformation: Transform) -> np.ndarray:
    """Return the standard deviation of inverted values that are Gaussian before.

    Parameters
    ----------
    sd, mean
        Standard deviation and mean of the transformed values.
    transformation
        The transformation.

    Returns
    -------
    ndarray
        Exact: log-normal for logarithms, scaled non-central chi-square for the square root, quadrature for fractions.
    """
    if transformation is Transform.NONE:
        return sd
    if transformation is Transform.SQRT:
        return np.asarray(np.sqrt(4.0 * mean**2 * sd**2 + 2.0 * sd**4) / 4.0)
    if transformation is Transform.LOGIT:
        share = _WEIGHTS / _WEIGHTS.sum()
        first, second = (
            sum(w * _fraction(mean + sd * node) ** power for node, w in zip(_NODES, share, strict=True))
            for power in (1, 2)
        )
        return np.asarray(np.sqrt(np.maximum(second - first**2, 0.0)))
    unit = 1.0 if transformation is Transform.LOG1P else np.log(2.0)
    m, s2 = mean * unit, (sd * unit) ** 2
    return np.asarray(np.exp(m + s2 / 2.0) * np.sqrt(np.expm1(s2)))


_GRID = 1001


class Normalise(StrEnum):
    """What is done to the values of each sample, after the logarithm."""

    NONE = "none"
    MEDIAN = "median"  # subtract the median difference from the training profile
    QUANTILE = "quantile"  # give every sample the distribution of the training cohort


def size_factors(values: InMemory, target: float) -> np.ndarray:
    """Return by what each sample is divided so that its total becomes ``target``, N; 1 for empty samples."""
    totals = np.asarray(values.sum(axis=1)).ravel() if sparse.issparse(values) else np.nansum(values, axis=1)
    return np.where(totals > 0, totals / target, 1.0)


def normalise_total(values: InMemory, target: float) -> InMemory:
    """Scale every sample to the same total with scanpy; missing values stay missing and count as 0."""
    with needed("scanpy", "counts", instead="give logarithms of normalised values"):
        import scanpy as sc

    missing = None if sparse.issparse(values) else np.isnan(values)
    filled = values if missing is None else np.where(missing, 0.0, values)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Some cells have zero counts")
        scaled: InMemory = sc.pp.normalize_total(ad.AnnData(filled), target_sum=target, inplace=False)["X"]
    if missing is not None:
        scaled[missing] = np.nan
    return scaled


def median_offsets(values: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Return the median difference of each sample from the reference profile, N; 0 for empty samples."""
    difference = np.ma.masked_invalid(values - reference)
    return np.asarray(np.ma.median(difference, axis=1).filled(0.0))  # type: ignore[no-untyped-call]


def reference_quantiles(values: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the mean over samples of their quantiles, on a regular grid of levels, and how many have any."""
    levels = np.linspace(0.0, 1.0, _GRID)
    rows = [np.quantile(row[~np.isnan(row)], levels) for row in values if (~np.isnan(row)).any()]
    return np.asarray(np.mean(rows, axis=0)) if rows else np.zeros(_GRID), len(rows)


def to_quantiles(values: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Give each sample the reference distribution; equal values stay equal, missing ones missing."""
    levels = np.linspace(0.0, 1.0, len(reference))
    mapped = np.full(values.shape, np.nan)
    for row, values_of_row in enumerate(values):
        seen = ~np.isnan(values_of_row)
        if seen.any():
            ordered = np.sort(values_of_row[seen])
            low = np.searchsorted(ordered, values_of_row[seen], side="left")
            high = np.searchsorted(ordered, values_of_row[seen], side="right") - 1
            level = (low + high) / 2.0 / max(len(ordered) - 1, 1)
            mapped[row, seen] = np.interp(level, levels, reference)
    return mapped


def from_quantiles(values: np.ndarray, reference: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Give each sample its own distribution back, that of the observed values ``like``."""
    levels = np.linspace(0.0, 1.0, len(reference))
    rows = []
    for row, own in zip(values, like, strict=True):
        ordered = np.sort(own[~np.isnan(own)])
        level = np.interp(row, reference, levels)
        rows.append(np.interp(level, np.linspace(0.0, 1.0, len(ordered)), ordered) if len(ordered) > 1 else row)
    return np.asarray(rows)
