"""What one pass over the values of a view tells: moments of its features, range and kind of its values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from scipy import sparse

from pathfa.core.side_by_side import in_order
from pathfa.data.cohort.matrix import InMemory, in_double

_BLOCK = 2**17  # values that are examined together, so that they stay in the cache
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

    def join(self, n: np.ndarray, mean: np.ndarray, squares: np.ndarray) -> None:
        """Add the number, mean and sum of squares about it of the values of every feature in some samples, G each."""
        together, apart = np.maximum(self.n + n, 1), mean - self.mean
        self._squares += squares + apart**2 * (self.n * n / together)
        self.mean = self.mean + apart * (n / together)
        self.n = self.n + n


_Part = tuple[np.ndarray, np.ndarray, np.ndarray]  # what ``Moments.join`` takes
_Block = TypeVar("_Block")


def _moments_of(block: np.ndarray) -> _Part:
    """Return the moments of the features in a dense block in double precision."""
    total: np.ndarray = block.sum(axis=0)
    n = np.full(block.shape[1], len(block))
    if np.isnan(total).any():
        missing = np.isnan(block)
        n, total = n - missing.sum(axis=0), np.nansum(block, axis=0)
        apart = np.where(missing, 0.0, block - total / np.maximum(n, 1))
    else:
        apart = block - total / n
    return n, total / np.maximum(n, 1), np.einsum("ij,ij->j", apart, apart)


def _moments_of_sparse(values: sparse.csr_matrix) -> _Part:
    n = np.full(values.shape[1], values.shape[0])
    mean = np.asarray(values.mean(axis=0)).ravel()
    squares = np.asarray(values.multiply(values).sum(axis=0)).ravel() - n * mean**2
    return n, mean, np.maximum(squares, 0.0)


def moments_of(blocks: Iterable[_Block], n_features: int, made: Callable[[_Block], InMemory]) -> Moments:
    """Return the moments of the features of what is made of blocks of samples, n x G each."""

    def parts(block: _Block) -> list[_Part]:
        values = made(block)
        if not isinstance(values, np.ndarray):
            return [_moments_of_sparse(in_double(values))]
        return [_moments_of(in_double(few)) for few in few_rows(values)]

    found = Moments(n_features)
    for some in in_order(parts, blocks):
        for part in some:
            found.join(*part)
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


class _Look:
    """What one block of samples is like; attributes as of ``Profile``, of each few samples where they are lists."""

    def __init__(self, values: InMemory) -> None:
        self.moments: list[_Part] = []
        self.totals, self.n_of_samples = [np.zeros(0)], [np.zeros(0, dtype=np.int64)]
        self.smallest, self.largest, self.least, self.n_zero = np.inf, -np.inf, np.inf, 0
        self.fractions: list[float] = []
        with np.errstate(invalid="ignore", over="ignore"):  # what is infinite is found by its range
            if isinstance(values, np.ndarray):
                for few in map(in_double, few_rows(values)):
                    self.moments.append(_moments_of(few))
                    self._add_samples(few)
                    self._add_values(few)
            else:
                self._add_sparse(in_double(values))

    def _add_sparse(self, values: sparse.csr_matrix) -> None:
        self.moments.append(_moments_of_sparse(values))
        self.totals.append(np.asarray(values.sum(axis=1)).ravel())
        self.n_of_samples.append(np.full(values.shape[0], values.shape[1]))
        absent = values.shape[0] * values.shape[1] - values.data.size
        if absent:
            self.n_zero, self.smallest, self.largest = absent, 0.0, 0.0
        for few in few_rows(values.data):
            self._add_values(few)

    def _add_samples(self, values: np.ndarray) -> None:
        """Add sum and number of the observed values of some samples."""
        totals, counts = values.sum(axis=1), np.full(len(values), values.shape[1])
        rows = np.flatnonzero(np.isnan(totals))
        totals[rows], counts[rows] = np.nansum(values[rows], axis=1), (~np.isnan(values[rows])).sum(axis=1)
        self.totals.append(totals)
        self.n_of_samples.append(counts)

    def _add_values(self, values: np.ndarray) -> None:
        """Add range and kind of some values."""
        smallest = values.min(initial=np.inf)
        if np.isnan(smallest):
            values = values[~np.isnan(values)]
            smallest = values.min(initial=np.inf)
        self.smallest = min(self.smallest, float(smallest))
        self.largest = max(self.largest, float(values.max(initial=-np.inf)))
        self.n_zero += int(np.count_nonzero(values == 0.0))
        if not self.fractions:
            self.fractions = values[values != np.floor(values)][:_EXAMPLES].tolist()
            self.least = min(self.least, float(np.where(values > 0, values, np.inf).min(initial=np.inf)))


def profile_of(blocks: Iterable[InMemory], n_features: int) -> Profile:
    """Return what the values in blocks of samples are like, n x G each."""
    moments, smallest, largest, least, n_zero = Moments(n_features), np.inf, -np.inf, np.inf, 0
    totals, counts = [np.zeros(0)], [np.zeros(0, dtype=np.int64)]
    fractions: list[float] = []
    for part in in_order(_Look, blocks):
        with np.errstate(invalid="ignore", over="ignore"):
            for known in part.moments:
                moments.join(*known)
        totals += part.totals
        counts += part.n_of_samples
        smallest, largest = min(smallest, part.smallest), max(largest, part.largest)
        n_zero, least = n_zero + part.n_zero, min(least, part.least)
        fractions = fractions or part.fractions
    return Profile(
        n=moments.n,
        mean=moments.mean,
        sd=moments.sd,
        totals=np.concatenate(totals),
        n_of_samples=np.concatenate(counts),
        smallest=smallest,
        largest=largest,
        least=least,
        whole=not fractions,
        n_zero=n_zero,
        fractions=tuple(fractions),
    )


def few_rows(values: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the rows of an array a few at a time, to keep intermediate results small."""
    step = max(1, _BLOCK // max(1, values[:1].size))
    for start in range(0, len(values), step):
        yield values[start : start + step]
