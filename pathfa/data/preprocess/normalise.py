"""Differences between samples that are technical: depth, loading and shape of the distribution."""

from __future__ import annotations

import warnings
from enum import StrEnum

import anndata as ad
import numpy as np
from scipy import sparse

from pathfa.data.cohort.views import Matrix

_GRID = 1001


class Normalise(StrEnum):
    """What is done to the values of each sample, after the logarithm."""

    NONE = "none"
    MEDIAN = "median"  # subtract the median difference from the training profile
    QUANTILE = "quantile"  # give every sample the distribution of the training cohort


def size_factors(values: Matrix, target: float) -> np.ndarray:
    """Return by what each sample is divided so that its total becomes ``target``, N; 1 for empty samples."""
    totals = np.asarray(values.sum(axis=1)).ravel() if sparse.issparse(values) else np.nansum(values, axis=1)
    return np.where(totals > 0, totals / target, 1.0)


def normalise_total(values: Matrix, target: float) -> Matrix:
    """Scale every sample to the same total with scanpy; missing values stay missing and count as 0."""
    import scanpy as sc

    missing = None if sparse.issparse(values) else np.isnan(values)
    filled = values if missing is None else np.where(missing, 0.0, values)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Some cells have zero counts")
        scaled: Matrix = sc.pp.normalize_total(ad.AnnData(filled), target_sum=target, inplace=False)["X"]
    if missing is not None:
        scaled[missing] = np.nan
    return scaled


def median_offsets(values: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Return the median difference of each sample from the reference profile, N; 0 for empty samples."""
    difference = np.ma.masked_invalid(values - reference)
    return np.asarray(np.ma.median(difference, axis=1).filled(0.0))  # type: ignore[no-untyped-call]


def reference_quantiles(values: np.ndarray) -> np.ndarray:
    """Return the mean over the samples of their quantiles, on a regular grid of levels."""
    levels = np.linspace(0.0, 1.0, _GRID)
    rows = [np.quantile(row[~np.isnan(row)], levels) for row in values if (~np.isnan(row)).any()]
    return np.asarray(np.mean(rows, axis=0))


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
