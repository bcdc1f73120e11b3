"""Which features of a view are in which gene sets, as sparse matrices, and the products that the weights need."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from pathfa.inference.numerics import DTYPE, row_blocks


def sparse_tensor(matrix: sp.spmatrix | sp.sparray, device: torch.device | str = "cpu") -> Tensor:
    """Return a SciPy sparse matrix as a torch CSR tensor of the same shape."""
    csr = sp.csr_matrix(matrix, dtype=np.float64)
    csr.sum_duplicates()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
        indices = (csr.indptr.astype(np.int64), csr.indices.astype(np.int64))
        starts, columns = (torch.as_tensor(index, device=device) for index in indices)
        values = torch.as_tensor(csr.data, dtype=DTYPE, device=device)
        return torch.sparse_csr_tensor(
            starts, columns, values, csr.shape, dtype=DTYPE, device=device, check_invariants=False
        )


def set_pairs(mask: sp.spmatrix | sp.sparray, variance: np.ndarray | None = None) -> sp.csr_matrix:
    """Return the pairs of gene sets that share a feature, G x P^2.

    Row g holds ``E[mask[g, p] * mask[g, q]]`` in column ``p * P + q``: entries of the mask are independent, with a
    ``variance`` if they are not known. One matrix serves both directions: its transpose times the marginal precisions
    of the features is the Hessian of the gene-set weights, and the matrix times the posterior covariance of the weights
    is the covariance of the prior means of the loadings.
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
    products = csr.data[first] * csr.data[second]
    if variance is not None:
        products[first == second] += variance
    return sp.csr_matrix((products, (rows, columns)), shape=(n_features, n_sets**2))


@dataclass(frozen=True, kw_only=True, eq=False)
class Membership:
    """Gene-set mask of one view, C.

    Attributes
    ----------
    csr
        C, G x P, with sorted indices; its expectation where entries are not known (``updates/members.py``). What is
        made from it is made when it is asked for: new samples are scored without it.
    device
        Where the tensors go.
    entry_variance
        Variance of each entry of ``csr``; None where all are known.
    """

    csr: sp.csr_matrix
    device: torch.device | str
    entry_variance: np.ndarray | None = None

    @cached_property
    def mask(self) -> Tensor:
        """C as CSR, G x P."""
        return sparse_tensor(self.csr, self.device)

    @cached_property
    def mask_t(self) -> Tensor:
        """Transpose of C as CSR, P x G."""
        return sparse_tensor(self.csr.T, self.device)

    @cached_property
    def _csr_t(self) -> sp.csr_matrix:
        return self.csr.T.tocsr()

    def add_products(self, total: Tensor, weight: float) -> None:
        """Add C' C times a weight to a dense matrix, P x P, a few rows at a time: of thousands of sets it is large."""
        for some in row_blocks(*total.shape):
            rows = (self._csr_t[some] @ self.csr).toarray()
            total[some].add_(torch.as_tensor(rows, device=self.device), alpha=weight)

    @cached_property
    def annotated(self) -> Tensor:
        """A indices of the features that are in at least one gene set."""
        return torch.as_tensor(np.flatnonzero(np.diff(self.csr.indptr)), device=self.device)

    @property
    def of_annotated(self) -> Membership:
        """The membership of the annotated features alone, A x P."""
        # kept by itself, it would not be freed with the last one that refers to it: every iteration may make another
        return self if len(self.annotated) == self.csr.shape[0] else self._own

    @cached_property
    def _own(self) -> Membership:
        own = self.csr[self.annotated.cpu().numpy()]  # all entries in their order: the other rows have none
        return Membership(csr=own, device=self.device, entry_variance=self.entry_variance)

    @cached_property
    def sizes(self) -> Tensor:
        """Sum of the absolute entries of each gene set, P."""
        return self.mask_t.abs() @ self.ones

    @cached_property
    def absolute_t(self) -> Tensor:
        """The transpose of the absolute entries of the annotated features, P x A."""
        return sparse_tensor(abs(self.csr[self.annotated.cpu().numpy()]).T, self.device)

    @cached_property
    def transposed(self) -> Tensor:
        """Which entry of C each entry of its transpose is."""
        return torch.as_tensor(self.with_entries(np.arange(self.csr.nnz)).tocsc().data, device=self.device)

    def with_entries(self, values: np.ndarray) -> sp.csr_matrix:
        """Return a matrix with these values where C has its entries, in their order, G x P."""
        return sp.csr_matrix((values, self.csr.indices, self.csr.indptr), shape=self.csr.shape)

    def taking_part(self, probability: Tensor) -> Membership:
        """Return the membership in which each entry of C is 0 unless it takes part, with some probability."""
        r, c = probability.cpu().numpy(), self.csr.data
        return Membership(csr=self.with_entries(r * c), device=self.device, entry_variance=r * (1.0 - r) * c**2)

    @property
    def pairs(self) -> Tensor:
        """``set_pairs`` of the annotated features, A x P^2; made on demand, because large collections have too many."""
        return self._pairs[0]

    @property
    def pairs_t(self) -> Tensor:
        """The transpose of ``pairs``, P^2 x A."""
        return self._pairs[1]

    @cached_property
    def _csr_pairs(self) -> sp.csr_matrix:
        return set_pairs(self.of_annotated.csr, self.entry_variance)

    @cached_property
    def _pairs(self) -> tuple[Tensor, Tensor]:
        return sparse_tensor(self._csr_pairs, self.device), sparse_tensor(self._csr_pairs.T, self.device)

    @cached_property
    def squared_t(self) -> Tensor:
        """The transpose of the squared entries of C, P x G."""
        squares = self.csr.multiply(self.csr)
        return sparse_tensor((squares if self._spread is None else squares + self._spread).T, self.device)

    @cached_property
    def _spread(self) -> sp.csr_matrix | None:
        if self.entry_variance is None:
            return None
        found = self.with_entries(self.entry_variance).copy()  # without those that are known, which are most
        found.eliminate_zeros()
        return found

    @cached_property
    def spread(self) -> Tensor | None:
        """The variance of the entries of C as CSR, G x P; None where they are known."""
        return None if self._spread is None else sparse_tensor(self._spread, self.device)

    @cached_property
    def spread_t(self) -> Tensor | None:
        """The transpose of ``spread``, P x G."""
        return None if self._spread is None else sparse_tensor(self._spread.T, self.device)

    def moments(self, cov: Tensor, mean: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return B, A x L, its transpose and D, K^2 x L, with B D' the covariance of C U in its rows.

        Parameters
        ----------
        cov
            Covariance of all pairs of weights, K^2 x P^2 (``structured.pair_cov``).
        mean
            E[U], P x K.
        """
        if self._spread is None:
            return self.pairs, self.pairs_t, cov
        pairs = sp.hstack([self._csr_pairs, self._spread[self.annotated.cpu().numpy()]], format="csr")
        outer = (mean[:, :, None] * mean[:, None, :]).flatten(1).T
        both = torch.cat([cov, outer], dim=1)
        return sparse_tensor(pairs, self.device), sparse_tensor(pairs.T, self.device), both

    def weighted(self, weight: Tensor, sets: Tensor) -> Tensor:
        """Return the rows of E[C' diag(w) C] of some gene sets, a x P, for the weights of the features, G."""
        some = self._csr_t[sets.cpu().numpy()]  # SciPy frees what such a product took; torch does not
        some.data *= weight.cpu().numpy()[some.indices]
        found = torch.as_tensor((some @ self.csr).toarray(), device=self.device)
        if self.spread_t is not None:
            found[torch.arange(len(sets), device=sets.device), sets] += torch.mv(self.spread_t, weight)[sets]
        return found

    @property
    def ones(self) -> Tensor:
        """A one for every feature, G."""
        return torch.ones(self.csr.shape[0], dtype=DTYPE, device=self.device)

    def columns(self, sets: Tensor) -> Tensor:
        """Return the columns of C of some gene sets as a dense matrix, G x a."""
        row, member = entries_of(self.mask_t.crow_indices(), sets)
        found = torch.zeros(self.csr.shape[0], len(sets), dtype=DTYPE, device=self.device)
        found[self.mask_t.col_indices()[member], row] = self.mask_t.values()[member]
        return found

    def variance(self, sets: Tensor, cov: Tensor) -> Tensor:
        """Return diag(E[C] cov E[C]') for the covariance of some gene sets, a x a, the others at 0: G."""
        row, member = entries_of(self.mask_t.crow_indices(), sets)
        feature, order = torch.sort(self.mask_t.col_indices()[member], stable=True)
        row, value = row[order], self.mask_t.values()[member][order]
        counts = torch.bincount(feature, minlength=self.csr.shape[0])
        own, other = entries_of(torch.cat([counts.new_zeros(1), counts.cumsum(0)]), feature)
        found = torch.zeros(self.csr.shape[0], dtype=DTYPE, device=cov.device)
        return found.index_add_(0, feature[own], value[own] * value[other] * cov[row[own], row[other]])


def entries_of(row_starts: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return the position among ``rows`` and in the CSR matrix with these row starts of every entry of some rows."""
    first = row_starts[rows]
    sizes = row_starts[rows + 1] - first
    row = torch.arange(len(rows), device=rows.device).repeat_interleave(sizes)
    return row, torch.arange(len(row), device=rows.device) - (sizes.cumsum(0) - sizes - first)[row]


def membership(mask: sp.spmatrix | sp.sparray, device: torch.device | str = "cpu") -> Membership:
    """Return the membership of a gene-set mask, G x P."""
    csr = sp.csr_matrix(mask, dtype=np.float64, copy=True)
    csr.sum_duplicates()
    return Membership(csr=csr, device=device)
