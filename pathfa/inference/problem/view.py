"""One view of a cohort as tensors: its values, and which of its features are in which gene sets.

Shapes: N samples, G features of the view, A of them annotated (in at least one gene set), P gene sets.
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

from pathfa.inference.numerics import DTYPE, column_squares
from pathfa.inference.problem.membership import Membership, membership

_LASTING = ("groups", "counts", "rows", "unit", "variance", "values_of_samples")  # with any weights and members


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Numbers of observed values of the features of a view, of which few are distinct.

    Attributes
    ----------
    each
        Of each feature, G.
    distinct
        Those that occur, D.
    share
        Share of the features that have each of them, D.
    index
        Which of them each feature has, G.
    """

    each: Tensor
    distinct: Tensor
    share: Tensor
    index: Tensor

    @staticmethod
    def of(n_observed: Tensor) -> Counts:
        """Return the counts for the number of observed values of each feature, G."""
        distinct, index, times = torch.unique(n_observed, return_inverse=True, return_counts=True)
        return Counts(each=n_observed, distinct=distinct, share=times.to(n_observed) / len(n_observed), index=index)


@dataclass(frozen=True, kw_only=True)
class FeatureGroup:
    """Features of a view that are all complete, or all have missing entries of their own.

    Attributes
    ----------
    index
        The features, I.
    observed
        N x I, 1 where a value was observed; None where every present sample is complete.
    annotated
        Those in at least one gene set, as positions in the group.
    position
        Positions of these among all annotated features of the view.
    """

    index: Tensor | slice
    observed: Tensor | None
    annotated: Tensor
    position: Tensor | slice


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
    weight
        How much the noise precision of each sample is of that of the others, N (``updates/quality.py``); None where
        all are alike. ``sum_squares`` is weighted.
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
    weight: Tensor | None = None

    def weighted(self, weight: Tensor | None) -> ViewData:
        """Return the view with weights of the samples, N."""
        if weight is None and self.weight is None:
            return self
        return self._lent_to(replace(self, weight=weight, sum_squares=column_squares(self.x, weight)))

    def without(self, entries: Tensor) -> ViewData:
        """Return the view in which some of the observed values are missing, N x G."""
        observed = self.seen * ~entries
        x = self.x * ~entries
        n_observed = observed.sum(0)
        return replace(
            self,
            x=x,
            observed=observed,
            sum_squares=column_squares(x, self.weight),
            n_observed=n_observed,
            incomplete=torch.nonzero(n_observed < self.present.sum()).squeeze(1),
        )

    def with_members(self, probability: Tensor) -> ViewData:
        """Return the view in whose gene sets each member takes part with a probability, in the order of the mask."""
        return self._lent_to(replace(self, sets=self.sets.taking_part(probability)))

    def _lent_to(self, other: ViewData) -> ViewData:
        for name in _LASTING:
            other.__dict__[name] = getattr(self, name)
        return other

    def weight_of(self, row: int) -> float:
        """Return the weight of a sample."""
        return 1.0 if self.weight is None else float(self.weight[row])

    def by_weight(self, values: Tensor, rows: Tensor | slice = slice(None)) -> Tensor:
        """Return values of some samples, n x ..., times the weights of these."""
        if self.weight is None:
            return values
        return values * self.weight[rows].reshape(-1, *[1] * (values.dim() - 1))

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

    @cached_property
    def groups(self) -> tuple[FeatureGroup, ...]:
        """The features by whether they are complete: one group, or two."""
        if self.observed is None or len(self.incomplete) in (0, self.n_features):
            own = None if self.observed is None or len(self.incomplete) == 0 else self.observed
            every = slice(None)
            return (FeatureGroup(index=every, observed=own, annotated=self.annotated, position=every),)
        features = torch.arange(self.n_features, device=self.x.device)
        complete = features[torch.isin(features, self.incomplete, invert=True)]
        observed = self.observed[:, self.incomplete]
        return (self._group(complete, None), self._group(self.incomplete, observed))

    def _group(self, index: Tensor, observed: Tensor | None) -> FeatureGroup:
        """Return the group of some features, in ascending order."""
        position = torch.nonzero(torch.isin(self.annotated, index)).squeeze(1)
        annotated = torch.searchsorted(index, self.annotated[position])
        return FeatureGroup(index=index, observed=observed, annotated=annotated, position=position)

    def gather(self, parts: Sequence[Tensor]) -> Tensor:
        """Return one value per feature in the order of the view from those of each group."""
        if len(parts) == 1:
            return parts[0]
        values = parts[0].new_empty(self.n_features, *parts[0].shape[1:])
        for group, part in zip(self.groups, parts, strict=True):
            values[group.index] = part
        return values

    @property
    def annotated(self) -> Tensor:
        """Indices of the features that are in at least one gene set, A."""
        return self.sets.annotated

    @cached_property
    def variance(self) -> Tensor:
        """Mean square of the observed values of each feature, G; not 0, so that it can be a variance."""
        return (self.sum_squares / self.n_observed.clamp(min=1.0)).clamp(min=1e-12 * self.unit**2)

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

    def measured(self, rows: Tensor | slice = slice(None)) -> Tensor:
        """Return the values of some samples, n x G, NaN where nothing was observed."""
        complete = self.observed is None and bool(self.present.all())
        return self.x[rows] if complete else torch.where(self.seen[rows] > 0, self.x[rows], torch.nan)

    @cached_property
    def values_of_samples(self) -> Tensor:
        """Number of observed values of each sample, N."""
        return self.n_features * self.seen[:, 0] if self.observed is None else self.observed.sum(1)

    def take(self, rows: Tensor | slice) -> ViewData:
        """Return some samples, those of a slice without a copy; sums over samples stay those of all."""
        return replace(
            self,
            x=self.x[rows],
            observed=None if self.observed is None else self.observed[rows],
            present=self.present[rows],
            weight=None if self.weight is None else self.weight[rows],
        )

    def unmeasured(self) -> ViewData:
        """Return the view as if it had been measured in no sample."""
        nothing = torch.zeros_like(self.sum_squares)
        return replace(
            self,
            x=self.x.new_zeros(()).expand_as(self.x),  # nothing as large as the values is made
            observed=None,
            present=torch.zeros_like(self.present),
            sum_squares=nothing,
            n_observed=nothing,
        )


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
    complete = finite.all()
    present = np.full(len(x), x.shape[1] > 0) if complete else finite.any(axis=1)
    n_observed = np.full(x.shape[1], len(x)) if complete else finite.sum(axis=0)
    incomplete = n_observed < present.sum()
    values = torch.as_tensor(x if complete else np.where(finite, x, 0.0), dtype=DTYPE, device=device)
    return ViewData(
        x=values,
        observed=torch.as_tensor(finite, dtype=DTYPE, device=device) if incomplete.any() else None,
        present=torch.as_tensor(present, device=device),
        sets=membership(mask, device),
        sum_squares=column_squares(values),
        n_observed=torch.as_tensor(n_observed, dtype=DTYPE, device=device),
        incomplete=torch.as_tensor(np.flatnonzero(incomplete), device=device),
        level=None if level is None else torch.as_tensor(level, dtype=DTYPE, device=device),
    )
