"""All views of a cohort as tensors, ready for inference: tensors only, no labels and no files.

Many complete samples can be compressed. The fit reads complete X only through X'X and products with it. One pass over
the samples gives the Gram matrix of all features, G x G; with its features in units of like size, its eigenvectors
scaled by the roots of its eigenvalues are at most G pseudo-samples R with R'R = X'X. A fit on R, told that it stands
for N samples, has the same loadings, weights, noise and evidence as one on X, at a cost that does not depend on N.
Scores take a second pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from pathfa.inference.numerics import DTYPE
from pathfa.inference.problem.view import ViewData, make_view

_RANK = 1e-12  # eigenvalues below this share of the largest are rounding


@dataclass(frozen=True, kw_only=True)
class Problem:
    """All views of a cohort, ready for inference.

    Attributes
    ----------
    views
        The views, each over the same N rows.
    n_sets
        Number of gene sets, P.
    multiplicity
        How many samples the rows stand for: N for a cohort; the number of cells when the rows are the pseudo-samples
        with the same cross products.
    known_names
        Of the features of every view the number of their name, the same in all views that have it, G; empty where all
        names differ.
    """

    views: tuple[ViewData, ...]
    n_sets: int
    multiplicity: float
    known_names: tuple[Tensor, ...] = ()

    @cached_property
    def names(self) -> tuple[Tensor, ...]:
        """Of the features of every view the number of their name, G."""
        if self.known_names:
            return self.known_names
        sizes = [view.n_features for view in self.views]
        return tuple(torch.split(torch.arange(sum(sizes), device=self.device), sizes))

    @property
    def n_rows(self) -> int:
        """Number of rows, N."""
        return int(self.views[0].x.shape[0])

    @property
    def device(self) -> torch.device:
        """Where the tensors live."""
        return self.views[0].x.device

    @property
    def of_samples(self) -> bool:
        """Whether the rows are samples instead of pseudo-samples."""
        return self.multiplicity == self.n_rows

    @cached_property
    def measured_sets(self) -> Tensor:
        """Whether each gene set has a feature in any view, P."""
        return torch.stack([view.mask_t.crow_indices().diff() > 0 for view in self.views]).any(dim=0)

    @cached_property
    def view_patterns(self) -> tuple[Tensor, Tensor]:
        """Distinct sets of measured views, and weights in them: a row of each, R, and that of every row."""
        presence = torch.stack([view.by_weight(view.present.to(DTYPE)) for view in self.views], dim=1)
        distinct, pattern = torch.unique(presence, dim=0, return_inverse=True)
        representative = torch.empty(len(distinct), dtype=torch.int64, device=self.device)
        representative[pattern] = torch.arange(self.n_rows, device=self.device)
        return representative, pattern

    @cached_property
    def patterns(self) -> tuple[Tensor, Tensor]:
        """Distinct patterns of observation, as ``view_patterns``; with missing entries each row has its own."""
        if all(view.observed is None for view in self.views):
            return self.view_patterns
        rows = torch.arange(self.n_rows, device=self.device)
        return rows, rows

    def measured_in(self, subset: Sequence[bool]) -> Tensor:
        """Return whether each row was measured in these views and no others, N."""
        presence = torch.stack([view.present for view in self.views], dim=1)
        return (presence == torch.tensor(subset, device=self.device)).all(dim=1)

    def weighted(self, weights: Sequence[Tensor | None]) -> Problem:
        """Return the problem with weights of the samples in each view, N; None where all are alike."""
        if all(weight is view.weight for weight, view in zip(weights, self.views, strict=True)):
            return self
        pairs = zip(self.views, weights, strict=True)
        return replace(self, views=tuple(view.weighted(weight) for view, weight in pairs))

    def coarse(self) -> Problem:
        """Return the problem with weights of the samples that are powers of the root of 2, so that few differ."""
        weights = [
            None if view.weight is None else 2.0 ** (0.5 * (2.0 * view.weight.log2()).round()) for view in self.views
        ]
        return self.weighted(weights)

    @property
    def n_values(self) -> float:
        """Number of observed values, of all the samples that the rows stand for."""
        return sum(float(view.n_observed.sum()) for view in self.views)

    def only(self, positions: Sequence[int]) -> Problem:
        """Return the problem in which only the views at these positions were measured."""
        views = (view if position in positions else view.unmeasured() for position, view in enumerate(self.views))
        return replace(self, views=tuple(views))


def make_problem(
    views: Sequence[tuple[np.ndarray, sp.spmatrix | sp.sparray]],
    device: torch.device | str = "cpu",
    levels: Sequence[np.ndarray] | None = None,
) -> Problem:
    """Return the problem of several (values, mask) views over the same rows.

    Parameters
    ----------
    views
        Per view the values, N x G with NaN where nothing was observed, and the gene-set mask, G x P.
    device
        Where the tensors go.
    levels
        Per view the level of each feature before scaling, G, where the noise follows a trend.
    """
    given = [None] * len(views) if levels is None else levels
    made = tuple(make_view(x, mask, device, level) for (x, mask), level in zip(views, given, strict=True))
    return Problem(views=made, n_sets=int(views[0][1].shape[1]), multiplicity=float(views[0][0].shape[0]))


def with_limits(problem: Problem, censored: Sequence[bool]) -> Problem:
    """Return the problem in which some views are left-censored at the smallest observed value of each feature."""
    views = []
    for view, below in zip(problem.views, censored, strict=True):
        limit = None
        if below and view.observed is not None:
            limit = torch.where(view.observed > 0, view.x, torch.full_like(view.x, torch.inf)).amin(dim=0)
        views.append(replace(view, limit=limit))
    return replace(problem, views=tuple(views))


def compressed_problem(
    chunks: Iterable[Sequence[np.ndarray]],
    masks: Sequence[sp.spmatrix | sp.sparray],
    device: torch.device | str = "cpu",
    levels: Sequence[np.ndarray] | None = None,
) -> Problem:
    """Return the problem of the pseudo-samples of complete data.

    Parameters
    ----------
    chunks
        Per chunk of samples the values of every view, n x G_v, without missing entries.
    masks
        Per view the gene-set mask, G_v x P.
    device
        Where the tensors go.
    levels
        Per view the level of each feature before scaling, G_v, where the noise follows a trend.

    Raises
    ------
    ValueError
        If a value is missing or there is no chunk.
    """
    products, n = _gram(chunks)
    # in powers of two near the size of each feature, so that none is rounded away beside larger ones
    unit = np.exp2(np.round(0.5 * np.log2(np.where(products.diagonal() > 0, products.diagonal(), 1.0))))
    values, vectors = np.linalg.eigh(products / np.outer(unit, unit))
    kept = values > _RANK * values[-1]
    pseudo = (vectors[:, kept] * np.sqrt(values[kept])).T[::-1] * unit
    edges = np.cumsum([mask.shape[0] for mask in masks])[:-1]
    views = [
        (np.ascontiguousarray(part), mask) for part, mask in zip(np.split(pseudo, edges, axis=1), masks, strict=True)
    ]
    problem = make_problem(views, device, levels)
    scaled = tuple(
        replace(view, n_observed=torch.full_like(view.n_observed, float(n)), present=torch.ones_like(view.present))
        for view in problem.views
    )
    return replace(problem, views=scaled, multiplicity=float(n))


def _gram(chunks: Iterable[Sequence[np.ndarray]]) -> tuple[np.ndarray, int]:
    """Return the cross products of all features, G x G, and the number of samples."""
    total: np.ndarray | None = None
    n = 0
    for views in chunks:
        x = np.hstack(list(views))
        if not np.isfinite(x).all():
            raise ValueError("a value is missing; only complete samples can be compressed")
        total = x.T @ x if total is None else total + x.T @ x
        n += len(x)
    if total is None:
        raise ValueError("no samples to compress")
    return total, n
