"""Quadratic term H of a block of gene-set weights, of which only the diagonal and some columns are ever needed.

Few of thousands of gene sets are active in a factor. With their columns alone an update costs what they cost, and no
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
    def columns(self, index: Tensor) -> Tensor:
        """Return the columns with these indices, n x a."""

    @abstractmethod
    def times(self, x: Tensor) -> Tensor:
        """Return the product with a vector, n."""


class DenseQuadratic(Quadratic):
    """A matrix that is given, n x n."""

    def __init__(self, matrix: Tensor) -> None:
        self.matrix = matrix
        self.diagonal = matrix.diagonal()

    def columns(self, index: Tensor) -> Tensor:
        return self.matrix[:, index]

    def times(self, x: Tensor) -> Tensor:
        return self.matrix @ x


class FactorQuadratic(Quadratic):
    """The block of one factor, ``sum_m C_m' diag(w_m) C_m``; columns are made once, when they are asked for.

    Parameters
    ----------
    parts
        Per view the gene-set mask and w of every feature, G.
    """

    def __init__(self, parts: Sequence[tuple[Membership, Tensor]]) -> None:
        self.parts = parts
        self.diagonal = torch.stack([(sets.squared_t @ w[:, None]).squeeze(1) for sets, w in parts]).sum(0)
        self._place = torch.full_like(self.diagonal, -1, dtype=torch.int64)
        self._made = self.diagonal.new_empty(len(self.diagonal), 0)

    def columns(self, index: Tensor) -> Tensor:
        missing = index[self._place[index] < 0]
        if len(missing):
            found = torch.stack([sets.mask_t @ (w[:, None] * sets.columns(missing)) for sets, w in self.parts]).sum(0)
            self._place[missing] = torch.arange(len(missing), device=missing.device) + self._made.shape[1]
            self._made = torch.cat([self._made, found], dim=1)
        return self._made[:, self._place[index]]

    def times(self, x: Tensor) -> Tensor:
        products = [sets.mask_t @ (w[:, None] * (sets.mask @ x[:, None])) for sets, w in self.parts]
        return torch.stack(products).sum(0).squeeze(1)
