"""The data of a fit as tensors, with everything that does not change while it runs.

Shapes: N samples, G features of a view, P gene sets, K factors. Tensors only: no labels, no files.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from pathfa.inference.linalg import DTYPE
from pathfa.inference.problem.membership import Membership, membership
from pathfa.inference.updates.noise import Counts


@dataclass(frozen=True, kw_only=True)
class ViewData:
    """One view of a cohort.

    Attributes
    ----------
    x
        Values, N x G; zero where nothing was observed.
    observed
        N x G, 1 where a value was observed, or None when every present sample is complete.
    present
        N, True where the sample was measured in this view.
    sets
        Which features are in which gene sets.
    sum_squares, n_observed
        Per feature: sum of squared values and number of observed values, G.
    incomplete
        Indices of the features with a missing entry in a present sample.
    level
        Level of each feature before scaling, G, for a noise trend; None without one.
    limit
        Detection limit of each feature, G: missing entries of present samples lie below it (``censored.py``). None
        where entries are missing for reasons that have nothing to do with their values.
    """

    x: Tensor
    observed: Tensor | None
    present: Tensor
    sets: Membership
    sum_squares: Tensor
    n_observed: Tensor
    incomplete: Tensor
    level: Tensor | None = None
    limit: Tensor | None = None

    @property
    def n_features(self) -> int:
        """Number of features, G."""
        return int(self.x.shape[1])

    @property
    def mask(self) -> Tensor:
        """Gene-set mask C as CSR, G x P."""
        return self.sets.mask

    @property
    def mask_t(self) -> Tensor:
        """Transpose of the gene-set mask as CSR, P x G."""
        return self.sets.mask_t

    @cached_property
    def counts(self) -> Counts:
        """How many values of the features were observed."""
        return Counts.of(self.n_observed)

    @property
    def annotated(self) -> Tensor:
        """Indices of the features that are in at least one gene set, A."""
        return self.sets.annotated

    @cached_property
    def unit(self) -> float:
        """Size of the values that a fit starts from and keeps its limits in: 1 where features have a variance of 1.

        The power of two nearest to the root mean square of the observed values, so that nothing is rounded.
        """
        mean_square = float(self.sum_squares.sum() / self.n_observed.sum().clamp(min=1.0))
        return 2.0 ** round(0.5 * math.log2(mean_square)) if mean_square > 0 else 1.0

    @cached_property
    def rows(self) -> Tensor | slice:
        """Rows of the samples that were measured: their indices, or all rows."""
        return slice(None) if bool(self.present.all()) else torch.nonzero(self.present).squeeze(1)

    @property
    def seen(self) -> Tensor:
        """1 where a value was observed: N x G, or N x 1 where every present sample is complete."""
        return self.present.to(DTYPE)[:, None] if self.observed is None else self.observed


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
        that hold the same cross products (see ``compress``).
    """

    views: tuple[ViewData, ...]
    n_sets: int
    multiplicity: float

    @property
    def n_rows(self) -> int:
        """Number of rows, N."""
        return int(self.views[0].x.shape[0])

    @property
    def device(self) -> torch.device:
        """Where the tensors live."""
        return self.views[0].x.device

    @cached_property
    def measured_sets(self) -> Tensor:
        """Whether each gene set has a feature in any view, P."""
        return torch.stack([view.mask_t.crow_indices().diff() > 0 for view in self.views]).any(dim=0)

    @cached_property
    def view_patterns(self) -> tuple[Tensor, Tensor]:
        """Distinct sets of measured views: a representative row of each, R, and the one of each row, N."""
        presence = torch.stack([view.present for view in self.views], dim=1)
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

    @property
    def n_values(self) -> float:
        """Number of observed values, of all the samples that the rows stand for."""
        return sum(float(view.n_observed.sum()) for view in self.views)

    def subset(self, rows: Tensor | np.ndarray | Sequence[int]) -> Problem:
        """Return the problem of some of the rows; the masks are shared, not copied."""
        index = torch.as_tensor(np.asarray(rows), dtype=torch.int64, device=self.device)
        views = []
        for view in self.views:
            observed = None if view.observed is None else view.observed[index]
            views.append(_with_values(view, view.x[index], observed, view.present[index]))
        return Problem(views=tuple(views), n_sets=self.n_sets, multiplicity=float(len(index)))

    def only(self, names: Sequence[int]) -> Problem:
        """Return the problem in which only the views with these positions were measured."""
        views = []
        for position, view in enumerate(self.views):
            if position in names:
                views.append(view)
            else:
                views.append(_with_values(view, torch.zeros_like(view.x), None, torch.zeros_like(view.present)))
        return Problem(views=tuple(views), n_sets=self.n_sets, multiplicity=self.multiplicity)


def _with_values(view: ViewData, x: Tensor, observed: Tensor | None, present: Tensor) -> ViewData:
    n_observed = present.to(DTYPE).sum().expand(view.n_features).clone() if observed is None else observed.sum(0)
    return replace(view, x=x, observed=observed, present=present, sum_squares=(x**2).sum(0), n_observed=n_observed)


def make_view(
    x: np.ndarray,
    mask: sp.spmatrix | sp.sparray,
    device: torch.device | str = "cpu",
    level: np.ndarray | None = None,
) -> ViewData:
    """Return a view from values with NaN where nothing was observed, N x G, and a gene-set mask, G x P.

    A row without any value is a sample that was not measured in this view. ``level`` is the level of each feature
    before scaling, G, for a noise trend.
    """
    finite = np.isfinite(x)
    present = finite.any(axis=1)
    complete = bool(finite[present].all())
    values = torch.as_tensor(np.where(finite, x, 0.0), dtype=DTYPE, device=device)
    observed = None if complete else torch.as_tensor(finite, dtype=DTYPE, device=device)
    bare = ViewData(
        x=values,
        observed=observed,
        present=torch.as_tensor(present, device=device),
        sets=membership(mask, device),
        sum_squares=torch.empty(0),
        n_observed=torch.empty(0),
        incomplete=torch.as_tensor(np.flatnonzero(~finite[present].all(axis=0)), device=device),
        level=None if level is None else torch.as_tensor(level, dtype=DTYPE, device=device),
    )
    return _with_values(bare, values, observed, bare.present)


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
        if not below or view.observed is None:
            views.append(view)
            continue
        limit = torch.where(view.observed > 0, view.x, torch.full_like(view.x, torch.inf)).amin(dim=0)
        views.append(replace(view, limit=limit))
    return replace(problem, views=tuple(views))
