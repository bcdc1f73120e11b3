"""Features with the same values in every sample: rows of one measurement under several names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pathfa.data.cohort.matrix import select
from pathfa.data.cohort.profile import Profile, row_blocks
from pathfa.data.cohort.views import View, blocks_of

_ROUNDING = 1e-9  # by which the moments of the same values may differ between two views
FEW_VALUES = 4  # features with fewer different values may well agree by chance, such as low counts


def fingerprints(view: View, columns: np.ndarray) -> np.ndarray:
    """Return a number per feature that is the same where all values are, uint64; 0 for features of few values.

    Parameters
    ----------
    view
        N samples; the number depends on their order.
    columns
        Positions of the features that are asked for.
    """
    some = replace(view, values=select(view.values, columns=columns), features=view.features[columns])
    n = len(view.samples)
    keys = 2 * np.random.default_rng(0).integers(1, 2**62, size=(n,), dtype=np.uint64) + np.uint64(1)
    marks, different = np.zeros(len(columns), dtype=np.uint64), np.full((FEW_VALUES, len(columns)), np.nan)
    start = 0
    for (few,) in blocks_of([some], np.arange(n if len(columns) else 0)):
        values = few.dense()
        for block in row_blocks(values):  # sums of whole numbers: exact, in any order
            marks += (_bits(block) * keys[start : start + len(block), None]).sum(axis=0, dtype=np.uint64)
            start += len(block)
        _note_different(different, values)
    marks[np.isnan(different[-1])] = 0
    return marks


def _note_different(known: np.ndarray, values: np.ndarray) -> None:
    """Fill the next rows of what is known of the different values of each feature, NaN where there are no more."""
    for place in range(len(known)):
        open_ = np.flatnonzero(np.isnan(known[place]))
        if not len(open_):
            continue
        block = values[:, open_]
        new = ~np.isnan(block)
        for earlier in known[:place, open_]:
            new &= block != earlier
        has = new.any(axis=0)
        known[place, open_[has]] = block[np.argmax(new, axis=0), np.arange(len(open_))][has]


def repeats(view: View) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions of features that repeat an earlier one, and that of the earlier one for each."""
    known = view.profile  # features with the same values have the same moments
    moments = np.column_stack([known.n, known.mean, known.sd])
    _, place, times = np.unique(moments, axis=0, return_inverse=True, return_counts=True)
    columns = np.flatnonzero(times[place.ravel()] > 1)
    marks = fingerprints(view, columns)
    _, first, place = np.unique(marks, return_index=True, return_inverse=True)
    earlier = first[place.ravel()]
    again = np.flatnonzero((earlier < np.arange(len(marks))) & (marks > 0))
    return columns[again], columns[earlier[again]]


def shared_features(one: View, two: View) -> int:
    """Return how many features of a view have exactly the values of features of another, over the same samples."""
    columns = _may_repeat(one.profile, two.profile), _may_repeat(two.profile, one.profile)
    marks = [np.unique(fingerprints(view, some)) for view, some in zip((one, two), columns, strict=True)]
    first, second = (item[item > 0] for item in marks)
    return len(np.intersect1d(first, second, assume_unique=True))


def _may_repeat(one: Profile, others: Profile) -> np.ndarray:
    """Return the positions of the features whose number, mean and sd of values are those of any of the others."""
    alike = _near(one.mean, others.mean) & _near(one.sd, others.sd) & np.isin(one.n, others.n)
    return np.flatnonzero(alike)


def _near(numbers: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return which numbers are equal to one of the others, but for rounding."""
    ordered = np.sort(others)
    right = np.searchsorted(ordered, numbers).clip(0, len(ordered) - 1)
    apart = np.minimum(np.abs(ordered[right] - numbers), np.abs(ordered[(right - 1).clip(0)] - numbers))
    near: np.ndarray = apart <= _ROUNDING * np.maximum(np.abs(numbers), 1.0)
    return near


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
