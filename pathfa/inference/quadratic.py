"""Quadratic term H of a block of gene-set weights, of which only the diagonal and some rows are ever needed.

Few of thousands of gene sets are active in a factor. With their rows alone an update costs what they cost, and no
P x P matrix is formed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor

from pathfa.inference.membership import Membership


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


class FactorQuadratic(Quadratic):
    """The block of one factor, ``sum_m C_m' diag(w_m) C_m``; rows are made once, when they are asked for.

    Parameters
    ----------
    parts
        Per view the gene-set mask and w of every feature, G.
    """

    def __init__(self, parts: Sequence[tuple[Membership, Tensor]]) -> None:
        self.parts = parts
        self.diagonal = torch.stack([(sets.squared_t @ w[:, None]).squeeze(1) for sets, w in parts]).sum(0)
        self._place = torch.full_like(self.diagonal, -1, dtype=torch.int64)
        self._made = self.diagonal.new_empty(0, len(self.diagonal))

    def rows(self, index: Tensor) -> Tensor:
        missing = index[self._place[index] < 0]
        if len(missing):
            found = torch.stack([sets.weighted(w, missing) for sets, w in self.parts]).sum(0)
            self._place[missing] = torch.arange(len(missing), device=missing.device) + len(self._made)
            self._made = torch.cat([self._made, found])
        return self._made[self._place[index]]
