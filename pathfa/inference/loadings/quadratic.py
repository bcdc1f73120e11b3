"""Quadratic term H of a block of gene-set weights, of which only the diagonal and some rows are ever needed.

Few of thousands of gene sets are active in a factor. With their rows alone an update costs what they cost, and no
P x P matrix is formed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor

from pathfa.inference.problem.membership import Membership


class Quadratic(ABC):
    """A symmetric positive semi-definite matrix, n x n.

    Attributes
    ----------
    diagonal
        Its diagonal, n.
    """

    diagonal: Tensor

    @abstractmethod
    def rows(self, index: Tensor) -> Tensor:
        """Return the rows with these indices, a x n."""


class DenseQuadratic(Quadratic):
    """A matrix that is given, n x n."""

    def __init__(self, matrix: Tensor) -> None:
        self.matrix = matrix
        self.diagonal = matrix.diagonal()

    def rows(self, index: Tensor) -> Tensor:
        return self.matrix[index]


class KroneckerQuadratic(Quadratic):
    """All factors of one view, ``sum_r B_r kron Q_r``.

    Parameters
    ----------
    pairs
        Q, P x P x R.
    basis
        B, R x K x K.
    """

    def __init__(self, pairs: Tensor, basis: Tensor) -> None:
        self.pairs, self.basis = pairs, basis
        own = basis.diagonal(dim1=1, dim2=2).T @ pairs.diagonal()  # K x P
        self.diagonal = own.reshape(-1)

    def rows(self, index: Tensor) -> Tensor:
        n_sets = len(self.pairs)
        basis = self.basis[:, index // n_sets].permute(1, 2, 0)  # a x K x R
        return (basis @ self.pairs.index_select(0, index % n_sets).mT).flatten(start_dim=1)


class FactorQuadratic(Quadratic):
    """One factor of one view, ``C' diag(w) C``.

    Parameters
    ----------
    sets
        The gene-set mask C.
    weight
        w of every feature, G.
    """

    def __init__(self, sets: Membership, weight: Tensor) -> None:
        self.sets, self.weight = sets, weight
        self.diagonal = torch.mv(sets.squared_t, weight)

    def rows(self, index: Tensor) -> Tensor:
        return self.sets.weighted(self.weight, index)


class SumQuadratic(Quadratic):
    """The sum of the quadratics of all views; rows are made once, when they are asked for."""

    def __init__(self, parts: Sequence[Quadratic]) -> None:
        self.parts = parts
        self.diagonal = torch.stack([part.diagonal for part in parts]).sum(0)
        self._place = torch.full_like(self.diagonal, -1, dtype=torch.int64)
        self._made = self.diagonal.new_empty(0, len(self.diagonal))

    def rows(self, index: Tensor) -> Tensor:
        missing = index[self._place[index] < 0]
        if len(missing):
            found = self.parts[0].rows(missing)
            for part in self.parts[1:]:
                found = found + part.rows(missing)
            self._place[missing] = torch.arange(len(missing), device=missing.device) + len(self._made)
            self._made = torch.cat([self._made, found])
        return self._made.index_select(0, self._place.index_select(0, index))
