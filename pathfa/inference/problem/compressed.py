"""Many complete samples as few pseudo-samples, for a fit whose cost does not depend on the number of samples.

The fit reads the samples that were measured in the same views, X, only through X'X and products with it. One pass over
them gives the cross products of their features, G x G; with its features in units of like size, the Cholesky factor of
these is at most G pseudo-samples R with R'R = X'X. A fit on the R of every pattern of presence, told that each stands
for N_r samples, has the same loadings, weights, noise and evidence as one on X. Scores take a second pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import scipy.sparse as sp
import torch
from scipy.linalg import lapack
from threadpoolctl import threadpool_limits

from pathfa.core.side_by_side import in_order
from pathfa.inference.numerics import DTYPE
from pathfa.inference.problem.problem import Problem, make_problem

_TOGETHER = 512  # samples whose products are summed in their own precision: with more, single precision is lost
_PANEL = 256  # features whose products are made at the same time
_RANK = 1e-12  # of the sum of squares of the largest feature: what is left of features below it is rounding


class CrossProducts:
    """Samples of one pattern of presence, as they are until they are more than their features; then X'X alone.

    X'X is summed in double precision over products of a few samples. These are exact to 1e-16 of their size where the
    samples are given in double precision; of samples in single precision they are, in half the time, exact to 1e-7, and
    their diagonal to 1e-9.
    """

    def __init__(self, n_features: int) -> None:
        self.n_samples, self._n_features = 0, n_features
        self._waiting: list[np.ndarray] = []
        self._products: np.ndarray | None = None  # its upper triangle

    def add(self, x: np.ndarray) -> None:
        """Add complete samples, n x G."""
        self.n_samples += len(x)
        self._waiting.append(x)
        if self.n_samples > self._n_features and sum(map(len, self._waiting)) >= _TOGETHER:
            self._products = self._multiplied()

    def _multiplied(self) -> np.ndarray:
        """Return the upper triangle of X'X, of the samples that wait too."""
        products = np.zeros((self._n_features,) * 2) if self._products is None else self._products
        x = np.concatenate(self._waiting) if self._waiting else np.zeros((0, self._n_features))
        self._waiting = []
        for start in range(0, len(x), _TOGETHER):
            _add_products(products, x[start : start + _TOGETHER])
        return products

    def pseudo_samples(self) -> np.ndarray:
        """Return R, r x G: the samples themselves, or at most G rows of the same cross products."""
        if self.n_samples <= self._n_features:
            return np.vstack(self._waiting).astype(np.float64, copy=False)
        products = self._multiplied()
        if not products.size:
            return np.zeros((1, 0))  # samples without any view are all alike
        # in powers of two near the size of each feature, so that none is rounded away beside larger ones
        squares = products.diagonal()
        unit = np.exp2(np.round(0.5 * np.log2(np.where(squares > 0, squares, 1.0))))
        products = np.asfortranarray(products / np.outer(unit, unit))
        factor, order, rank, _ = lapack.dpstrf(products, tol=_RANK * products.diagonal().max(), overwrite_a=True)
        rows = np.empty((max(rank, 1), len(unit)))  # samples without any value but 0 are a row of zeros
        rows[:, order - 1] = np.triu(factor)[: len(rows)]
        return rows * unit


def _add_products(products: np.ndarray, x: np.ndarray) -> None:
    """Add X'X of some samples to the upper triangle of products in double precision."""

    def panel(begin: int) -> None:
        end = begin + _PANEL
        products[begin:end, begin:] += x[:, begin:end].T @ x[:, begin:]

    squares = products.diagonal() + np.einsum("ij,ij->j", x, x, dtype=np.float64)
    for _ in in_order(panel, range(0, len(products), _PANEL)):
        pass
    products.reshape(-1)[:: len(products) + 1] = squares


def compressed_problem(
    chunks: Iterable[Sequence[np.ndarray]],
    masks: Sequence[sp.spmatrix | sp.sparray],
    device: torch.device | str = "cpu",
    levels: Sequence[np.ndarray] | None = None,
) -> Problem:
    """Return the problem of the pseudo-samples of samples of which each has all values of the views it has.

    Parameters
    ----------
    chunks
        Per chunk of samples the values of every view, n x G_v, NaN throughout in samples that lack the view.
    masks
        Per view the gene-set mask, G_v x P.
    device
        Where the tensors go.
    levels
        Per view the level of each feature before scaling, G_v, where the noise follows a trend.

    Raises
    ------
    ValueError
        If a sample lacks some values of a view only, or there is no sample.
    """
    patterns: dict[tuple[bool, ...], CrossProducts] = {}
    with threadpool_limits(1, "blas"):  # panels of the products are made side by side instead
        for views in chunks:
            for presence, x in _by_presence(views):
                patterns.setdefault(presence, CrossProducts(x.shape[1])).add(x)
    if not patterns:
        raise ValueError("no samples to compress")
    sizes, multiplicity, parts = [mask.shape[0] for mask in masks], [], []
    for presence, products in patterns.items():
        rows = products.pseudo_samples()
        multiplicity.append(np.full(len(rows), products.n_samples / len(rows)))
        has = np.repeat(presence, sizes)
        parts.append(np.full((len(rows), len(has)), np.nan))
        parts[-1][:, has] = rows
    together = np.split(np.vstack(parts), np.cumsum(sizes)[:-1], axis=1)
    pairs = [(np.ascontiguousarray(x), mask) for x, mask in zip(together, masks, strict=True)]
    problem, times = make_problem(pairs, device, levels), np.concatenate(multiplicity)
    each = torch.as_tensor(times, dtype=DTYPE, device=device)
    counted = tuple(
        replace(view, n_observed=torch.full_like(view.n_observed, float(each @ view.present.to(DTYPE))))
        for view in problem.views
    )
    return replace(problem, views=counted, multiplicity=each)


def _by_presence(views: Sequence[np.ndarray]) -> Iterator[tuple[tuple[bool, ...], np.ndarray]]:
    """Yield the samples of every pattern of presence in a chunk, with the values of the views that they have."""
    present = np.column_stack([_measured(x) for x in views])
    for presence in np.unique(present, axis=0):
        rows = np.flatnonzero((present == presence).all(axis=1))
        some = [x if len(rows) == len(x) else x[rows] for x, has in zip(views, presence, strict=True) if has]
        yield tuple(presence.tolist()), np.hstack(some) if some else np.zeros((len(rows), 0))


def _measured(x: np.ndarray) -> np.ndarray:
    """Return which samples have a view, n; raise where a sample has a part of it."""
    seen = np.isfinite(x)
    measured: np.ndarray = seen.any(axis=1)
    if not seen[measured].all():
        raise ValueError("a value is missing; only samples with all values of their views can be compressed")
    return measured
