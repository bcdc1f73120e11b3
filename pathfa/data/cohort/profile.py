"""What one pass over the values of a view tells: moments of its features, range and kind of its values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from pathfa.data.cohort.matrix import InMemory, in_double, stored

_BLOCK = 2**19  # values that are examined together, so that they stay in the cache
_EXAMPLES = 3


class Moments:
    """Number, mean and standard deviation of the values of every feature, from blocks of samples.

    Sums of squares about the mean of each block are joined (Chan, Golub and LeVeque 1983), so that nothing is lost
    where means are large. Features with the same values in every sample have the same moments to the last bit.

    Attributes
    ----------
    n, mean
        Number and mean of the observed values, G.
    """

    def __init__(self, n_features: int) -> None:
        self.n = np.zeros(n_features, dtype=np.int64)
        self.mean, self._squares = np.zeros(n_features), np.zeros(n_features)

    @property
    def sd(self) -> np.ndarray:
        """Standard deviation of the observed values, divided by n, G."""
        return np.sqrt(self._squares / np.maximum(self.n, 1))

    def add(self, values: InMemory) -> None:
        """Add some samples, n x G."""
        if not isinstance(values, np.ndarray):
            n = np.full(values.shape[1], values.shape[0])
            mean = np.asarray(values.mean(axis=0)).ravel()
            squares = np.asarray(values.multiply(values).sum(axis=0)).ravel() - n * mean**2
            self._join(n, mean, np.maximum(squares, 0.0))
            return
        for block in row_blocks(values):
            total: np.ndarray = block.sum(axis=0)
            n = np.full(block.shape[1], len(block))
            if np.isnan(total).any():
                missing = np.isnan(block)
                n, total = n - missing.sum(axis=0), np.nansum(block, axis=0)
                apart = np.where(missing, 0.0, block - total / np.maximum(n, 1))
            else:
                apart = block - total / n
            self._join(n, total / np.maximum(n, 1), np.einsum("ij,ij->j", apart, apart))

    def _join(self, n: np.ndarray, mean: np.ndarray, squares: np.ndarray) -> None:
        together, apart = np.maximum(self.n + n, 1), mean - self.mean
        self._squares += squares + apart**2 * (self.n * n / together)
        self.mean = self.mean + apart * (n / together)
        self.n = self.n + n


def moments_of(blocks: Iterable[InMemory], n_features: int) -> Moments:
    """Return the moments of the features over blocks of samples, n x G each."""
    found = Moments(n_features)
    for block in blocks:
        found.add(in_double(block))
    return found


@dataclass(frozen=True, kw_only=True, eq=False)
class Profile:
    """What the values of the measured samples of a view are like.

    Attributes
    ----------
    n, mean, sd
        Number, mean and sd of the observed values of every feature, G.
    totals, n_of_samples
        Sum and number of the observed values of every measured sample.
    smallest, largest
        Range of the values; infinite the other way round where there is none.
    least
        Smallest of the values above 0, as long as all are whole numbers.
    whole
        Whether all are whole numbers.
    n_zero
        Number of exact zeros.
    fractions
        The first values that are not whole.
    """

    n: np.ndarray
    mean: np.ndarray
    sd: np.ndarray
    totals: np.ndarray
    n_of_samples: np.ndarray
    smallest: float
    largest: float
    least: float
    whole: bool
    n_zero: int
    fractions: tuple[float, ...]

    @property
    def n_values(self) -> int:
        """Number of observed values."""
        return int(self.n.sum())

    @property
    def complete(self) -> bool:
        """Whether every measured sample has every value."""
        return bool((self.n == len(self.totals)).all())


def profile_of(blocks: Iterable[InMemory], n_features: int) -> Profile:
    """Return what the values in blocks of samples are like, n x G each."""
    moments = Moments(n_features)
    smallest, largest, least, whole, n_zero = np.inf, -np.inf, np.inf, True, 0
    totals, counts = [np.zeros(0)], [np.zeros(0, dtype=np.int64)]
    fractions: list[float] = []
    with np.errstate(invalid="ignore", over="ignore"):  # what is infinite is found by its range
        for given in blocks:
            values = in_double(given)
            moments.add(values)
            sums, n_seen = _of_samples(values)
            totals.append(sums)
            counts.append(n_seen)
            absent = values.shape[0] * values.shape[1] - stored(values).size  # zeros that a sparse matrix leaves out
            if absent:
                n_zero, smallest, largest = n_zero + absent, min(smallest, 0.0), max(largest, 0.0)
            for block in row_blocks(stored(values)):
                seen = block[~np.isnan(block)] if np.isnan(block.min()) else block
                if not seen.size:
                    continue
                smallest, largest = min(smallest, float(seen.min())), max(largest, float(seen.max()))
                n_zero += seen.size - int(np.count_nonzero(seen))
                if whole:
                    broken = seen[seen != np.floor(seen)]
                    whole, fractions = not broken.size, broken[:_EXAMPLES].tolist()
                    least = min(least, float(np.where(seen > 0, seen, np.inf).min()))
    return Profile(
        n=moments.n,
        mean=moments.mean,
        sd=moments.sd,
        totals=np.concatenate(totals),
        n_of_samples=np.concatenate(counts),
        smallest=smallest,
        largest=largest,
        least=least,
        whole=whole,
        n_zero=n_zero,
        fractions=tuple(fractions),
    )


def _of_samples(values: InMemory) -> tuple[np.ndarray, np.ndarray]:
    """Return sum and number of the observed values of every sample."""
    if not isinstance(values, np.ndarray):
        return np.asarray(values.sum(axis=1)).ravel(), np.full(values.shape[0], values.shape[1])
    totals, counts = values.sum(axis=1), np.full(len(values), values.shape[1])
    rows = np.flatnonzero(np.isnan(totals))
    totals[rows], counts[rows] = np.nansum(values[rows], axis=1), (~np.isnan(values[rows])).sum(axis=1)
    return totals, counts


def row_blocks(values: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the rows of an array a few at a time, to keep intermediate results small."""
    step = max(1, _BLOCK // max(1, values[:1].size))
    for start in range(0, len(values), step):
        yield values[start : start + step]
