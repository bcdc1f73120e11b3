"""Quadratic problems of gene-set weights, as dense matrices."""

import torch

from pathfa.inference.loadings.quadratic import DenseQuadratic
from pathfa.inference.weights import weights


def solve_block(h, *rest, **options):
    return weights.solve_block(DenseQuadratic(h), *rest, **options)


def quadratic(seed, n, n_rows=30):
    """Return H and f of a regression with n predictors."""
    generator = torch.Generator().manual_seed(seed)
    design = torch.randn(n_rows, n, dtype=torch.float64, generator=generator)
    target = torch.randn(n_rows, dtype=torch.float64, generator=generator)
    truth = torch.rand(n, dtype=torch.float64, generator=generator)
    return design.T @ design, design.T @ (design @ truth + target)
