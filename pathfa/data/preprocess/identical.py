"""Features with the same values in every sample: rows of one measurement under several names."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from pathfa.data.cohort.views import Matrix
from pathfa.data.preprocess.scale import row_blocks

FEW_VALUES = 4  # features with fewer different values may well agree by chance, such as low counts


def fingerprints(values: Matrix) -> np.ndarray:
    """Return a number per feature that is the same where all values are, G of uint64; 0 for features of few values.

    Parameters
    ----------
    values
        N x G; the number depends on the order of the samples.
    """
    n_samples, n_features = values.shape
    keys = 2 * np.random.default_rng(0).integers(1, 2**62, size=(n_samples,), dtype=np.uint64) + np.uint64(1)
    marks = np.zeros(n_features, dtype=np.uint64)
    if sparse.issparse(values):
        columns = sparse.csc_matrix(values)
        columns.eliminate_zeros()
        at = np.repeat(np.arange(n_features), np.diff(columns.indptr))
        np.add.at(marks, at, _bits(columns.data) * keys[columns.indices])
        parts = np.split(columns.data, columns.indptr[1:-1])
        different = np.array([len(np.unique(part)) + (len(part) < n_samples) for part in parts])
    else:
        done = 0
        for block in row_blocks(values):  # sums of whole numbers: exact, in any order
            marks += (_bits(block) * keys[done : done + len(block), None]).sum(axis=0, dtype=np.uint64)
            done += len(block)
        ordered = np.sort(values, axis=0)
        different = 1 + (np.diff(ordered, axis=0) > 0).sum(axis=0)  # missing values come last and are not larger
    marks[different < FEW_VALUES] = 0
    return marks


def repeats(values: Matrix) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions of features that repeat an earlier one, and that of the earlier one for each."""
    marks = fingerprints(values)
    _, first, place = np.unique(marks, return_index=True, return_inverse=True)
    earlier = first[place.ravel()]
    again = np.flatnonzero((earlier < np.arange(len(marks))) & (marks > 0))
    return again, earlier[again]


def _bits(values: np.ndarray) -> np.ndarray:
    """Return numbers as whole numbers made of their bits; zeros of both signs as 0, and all alike that are missing.

    The bits are mixed (the last steps of MurmurHash3): those of small whole numbers are 0 but for the first few, of
    which products with the keys would keep little.
    """
    plain = np.where(np.isnan(values), np.nan, values) + 0.0
    bits = np.array(plain, dtype=np.float64, order="C").view(np.uint64)
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        bits ^= bits >> np.uint64(33)
        bits *= np.uint64(factor)
    bits ^= bits >> np.uint64(33)
    return bits
