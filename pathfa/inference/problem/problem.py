"""All views of a cohort as tensors, ready for inference: tensors only, no labels and no files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from pathfa.inference.numerics import DTYPE, row_blocks
from pathfa.inference.problem.view import ViewData, make_view


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
        How many samples each row stands for, N: 1 for a sample, other numbers for pseudo-samples (``compressed.py``).
    known_names
        Of the features of every view the number of their name, the same in all views that have it, G; empty where all
        names differ.
    left_out
        What observed values that are taken for missing (``updates/outlying.py``) are in the log evidence, nats.
    """

    views: tuple[ViewData, ...]
    n_sets: int
    multiplicity: Tensor
    known_names: tuple[Tensor, ...] = ()
    left_out: float = 0.0

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

    @cached_property
    def of_samples(self) -> bool:
        """Whether the rows are samples instead of pseudo-samples."""
        return bool((self.multiplicity == 1.0).all())

    @cached_property
    def measured_sets(self) -> Tensor:
        """Whether each gene set has a feature in any view, P."""
        return torch.stack([view.mask_t.crow_indices().diff() > 0 for view in self.views]).any(dim=0)

    @cached_property
    def view_patterns(self) -> tuple[Tensor, Tensor]:
        """Distinct sets of measured views, and weights in them: a row of each, R, and that of every row."""
        distinct = pattern = torch.zeros(self.n_rows, dtype=torch.int64, device=self.device)
        for view in self.views:  # numbers that are as many as there are patterns so far: sorted faster than rows
            _, own = torch.unique(view.by_weight(view.present.to(DTYPE)), return_inverse=True)
            distinct, pattern = torch.unique(pattern * self.n_rows + own, return_inverse=True)
        representative = torch.empty(len(distinct), dtype=torch.int64, device=self.device)
        representative[pattern] = torch.arange(self.n_rows, device=self.device)
        return representative, pattern

    @cached_property
    def patterns(self) -> tuple[Tensor, Tensor]:
        """Distinct patterns of observation, as ``view_patterns``; with missing entries each row has its own."""
        if not self.single:
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

    def take(self, rows: Tensor | slice) -> Problem:
        """Return the problem of some rows, see ``ViewData.take``."""
        return replace(self, views=tuple(view.take(rows) for view in self.views), multiplicity=self.multiplicity[rows])

    def blocks(self) -> Sequence[slice]:
        """Return the rows in their order, as many at a time as all steps can hold."""
        return row_blocks(self.n_rows, sum(view.n_features for view in self.views))

    @property
    def single(self) -> bool:
        """Whether samples that were measured in the same views may lack different values of them."""
        return any(view.observed is not None for view in self.views)

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
    once = torch.ones(len(views[0][0]), dtype=DTYPE, device=device)
    return Problem(views=made, n_sets=int(views[0][1].shape[1]), multiplicity=once)


def with_limits(problem: Problem, censored: Sequence[bool]) -> Problem:
    """Return the problem in which some views are left-censored at the smallest observed value of each feature."""
    views = []
    for view, below in zip(problem.views, censored, strict=True):
        limit = None
        if below and view.observed is not None:
            limit = torch.where(view.observed > 0, view.x, torch.full_like(view.x, torch.inf)).amin(dim=0)
        views.append(replace(view, limit=limit))
    return replace(problem, views=tuple(views))
