"""Features with the same values in every sample: rows of one measurement under several names."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from pathfa.data.cohort.matrix import select
from pathfa.data.cohort.profile import few_rows
from pathfa.data.cohort.views import View, blocks_of, some_of

_COMPARED = 200  # samples of which two views are compared
_ENOUGH_FOR_ORDER = 15  # samples from which no two measurements order them alike
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
        for block in few_rows(values):  # sums of whole numbers: exact, in any order
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


class InBoth(NamedTuple):
    """How many features of two views are the same measurement.

    Attributes
    ----------
    shared
        Features of one view that order the samples exactly as features of the other do.
    comparable
        Features that could, in the view with fewer of them: those with several different values.
    n_samples
        Samples of both views that were compared.
    """

    shared: int
    comparable: int
    n_samples: int


def in_both(one: View, two: View) -> InBoth:
    """Return how many features of two views put the samples of both, or some of many, in the same order.

    So they do when one view is the other, or its logarithm. Of very few samples, whose order may agree by chance, the
    values are compared.
    """
    rows = some_of(np.flatnonzero(one.present & two.present), _COMPARED)
    first, second = (_order_marks(view.take(rows)) for view in (one, two))
    shared = len(np.intersect1d(first, second, assume_unique=True))
    return InBoth(shared=shared, comparable=min(len(first), len(second)), n_samples=len(rows))


def _order_marks(view: View) -> np.ndarray:
    """Return a number for every order in which features put the samples; none for features of few values."""
    values = view.dense()
    if len(values) >= _ENOUGH_FOR_ORDER:
        values = pd.DataFrame(values).rank().to_numpy()
    marks = np.unique(fingerprints(replace(view, values=values), np.arange(values.shape[1])))
    return marks[marks > 0]


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
