"""One view of a cohort as tensors: its values, and which of its features are in which gene sets.

Shapes: N samples, G features of the view, A of them annotated (in at least one gene set), P gene sets.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from pathfa.inference.numerics import DTYPE


def sparse_tensor(matrix: sp.spmatrix | sp.sparray, device: torch.device | str = "cpu") -> Tensor:
    """Return a SciPy sparse matrix as a torch CSR tensor of the same shape."""
    csr = sp.csr_matrix(matrix, dtype=np.float64)
    csr.sum_duplicates()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
        return torch.sparse_csr_tensor(
            torch.as_tensor(csr.indptr.astype(np.int64)),
            torch.as_tensor(csr.indices.astype(np.int64)),
            torch.as_tensor(csr.data),
            size=csr.shape,
            dtype=DTYPE,
            device=device,
            check_invariants=False,
        )


def set_pairs(mask: sp.spmatrix | sp.sparray) -> sp.csr_matrix:
    """Return the pairs of gene sets that share a feature, G x P^2.

    Row g holds ``mask[g, p] * mask[g, q]`` in column ``p * P + q``. One matrix serves both directions: its transpose
    times the marginal precisions of the features is the Hessian of the gene-set weights, and the matrix times the
    posterior covariance of the weights is the covariance of the prior means of the loadings.
    """
    csr = sp.csr_matrix(mask, dtype=np.float64)
    n_features, n_sets = csr.shape
    sizes = np.diff(csr.indptr)
    counts = sizes**2
    rows = np.repeat(np.arange(n_features), counts)
    # within a feature with s sets the pairs run over (0,0), (0,1), ..., (s-1,s-1)
    offset = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    size = np.repeat(sizes, counts)
    begin = np.repeat(csr.indptr[:-1], counts).astype(np.int64)
    first, second = begin + offset // np.maximum(size, 1), begin + offset % np.maximum(size, 1)
    columns = csr.indices[first].astype(np.int64) * n_sets + csr.indices[second]
    return sp.csr_matrix((csr.data[first] * csr.data[second], (rows, columns)), shape=(n_features, n_sets**2))


@dataclass(frozen=True, kw_only=True, eq=False)
class Membership:
    """Gene-set mask of one view, C.

    Attributes
    ----------
    mask, mask_t
        C and its transpose as CSR, G x P and P x G.
    annotated
        A indices of the features that are in at least one gene set.
    """

    mask: Tensor
    mask_t: Tensor
    annotated: Tensor
    _csr: sp.csr_matrix

    @property
    def pairs(self) -> Tensor:
        """``set_pairs`` of the annotated features, A x P^2; made on demand, because large collections have too many."""
        return self._pairs[0]

    @property
    def pairs_t(self) -> Tensor:
        """The transpose of ``pairs``, P^2 x A."""
        return self._pairs[1]

    @cached_property
    def _pairs(self) -> tuple[Tensor, Tensor]:
        pairs, device = set_pairs(self._csr[self.annotated.cpu().numpy()]), self.mask.device
        return sparse_tensor(pairs, device), sparse_tensor(pairs.T, device)

    @cached_property
    def squared_t(self) -> Tensor:
        """The transpose of the squared entries of C, P x G."""
        return sparse_tensor(self._csr.multiply(self._csr).T, self.mask.device)

    def weighted(self, weight: Tensor, sets: Tensor) -> Tensor:
        """Return the rows of C' diag(w) C of some gene sets, a x P, for the weights of the features, G."""
        row, member = _entries(self.mask_t.crow_indices(), sets)
        feature = self.mask_t.col_indices()[member]
        own, other = _entries(self.mask.crow_indices(), feature)  # every set that shares the feature
        value = (self.mask_t.values()[member] * weight[feature])[own] * self.mask.values()[other]
        n_sets = self.mask.shape[1]
        found = torch.zeros(len(sets) * n_sets, dtype=DTYPE, device=weight.device)
        return found.index_add_(0, row[own] * n_sets + self.mask.col_indices()[other], value).reshape(-1, n_sets)

    def variance(self, sets: Tensor, cov: Tensor) -> Tensor:
        """Return diag(C cov C') for the covariance of some gene sets, a x a, the others at 0: G."""
        row, member = _entries(self.mask_t.crow_indices(), sets)
        feature, order = torch.sort(self.mask_t.col_indices()[member], stable=True)
        row, value = row[order], self.mask_t.values()[member][order]
        counts = torch.bincount(feature, minlength=self.mask.shape[0])
        own, other = _entries(torch.cat([counts.new_zeros(1), counts.cumsum(0)]), feature)
        found = torch.zeros(self.mask.shape[0], dtype=DTYPE, device=cov.device)
        return found.index_add_(0, feature[own], value[own] * value[other] * cov[row[own], row[other]])


def _entries(row_starts: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return the position among ``rows`` and in the CSR matrix with these row starts of every entry of some rows."""
    first = row_starts[rows]
    sizes = row_starts[rows + 1] - first
    row = torch.arange(len(rows), device=rows.device).repeat_interleave(sizes)
    return row, torch.arange(len(row), device=rows.device) - (sizes.cumsum(0) - sizes - first)[row]


def membership(mask: sp.spmatrix | sp.sparray, device: torch.device | str = "cpu") -> Membership:
    """Return the membership of a gene-set mask, G x P."""
    csr = sp.csr_matrix(mask, dtype=np.float64)
    return Membership(
        mask=sparse_tensor(csr, device),
        mask_t=sparse_tensor(csr.T, device),
        annotated=torch.as_tensor(np.flatnonzero(np.diff(csr.indptr)), device=device),
        _csr=csr,
    )


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

    def unmeasured(self) -> ViewData:
        """Return the view as if it had been measured in no sample."""
        nothing = torch.zeros_like(self.sum_squares)
        return replace(
            self,
            x=torch.zeros_like(self.x),
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
    present = finite.any(axis=1)
    values = torch.as_tensor(np.where(finite, x, 0.0), dtype=DTYPE, device=device)
    seen = torch.as_tensor(finite, dtype=DTYPE, device=device)
    return ViewData(
        x=values,
        observed=None if finite[present].all() else seen,
        present=torch.as_tensor(present, device=device),
        sets=membership(mask, device),
        sum_squares=(values**2).sum(0),
        n_observed=seen.sum(0),
        incomplete=torch.as_tensor(np.flatnonzero(~finite[present].all(axis=0)), device=device),
        level=None if level is None else torch.as_tensor(level, dtype=DTYPE, device=device),
    )
