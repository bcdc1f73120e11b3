"""The level that all loadings of a view share: gene sets are what stands out from it.

    w_gk ~ Normal( b_k + c_k (C U)_gk, 1 / omega_k ),      b_k ~ Normal( 0, 1 / omega_k )

Where a factor raises most features of a view alike, any set of features has loadings above 0, a random one too. With a
level of its own per view and factor, a gene set needs more than that (a competitive test instead of a self-contained
one, Goeman & Buehlmann 2007). The strict prior is the limit omega = infinity, and b = 0. With a Gaussian posterior that
is independent of that of the loadings of G features,

    E[b_k] = 1 / (G + 1) sum_g E[w_gk - c_k (C U)_gk],      Var(b_k) = 1 / (omega_k (G + 1))

and b costs 1/2 log(G + 1) + 1/2 omega_k E[b_k]^2 nats, the spread that Var(b_k) adds to the loadings included.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor


def update_background(loadings: Tensor, expected: Tensor, omega: Tensor) -> Tensor:
    """Return E[b], K; 0 for strict columns.

    Parameters
    ----------
    loadings
        E[w], G x K.
    expected
        What the gene sets alone say, c C U, G x K.
    omega
        Prior precision of the loadings per factor, K; infinity is the strict prior.
    """
    level = (loadings - expected).sum(0) / (len(loadings) + 1.0)
    return torch.where(torch.isfinite(omega), level, torch.zeros_like(level))


def background_evidence(background: Sequence[Tensor], omega: Sequence[Tensor], n_features: Sequence[int]) -> float:
    """Return what the levels of all views cost, nats.

    Parameters
    ----------
    background, omega
        E[b] and Omega per view, K.
    n_features
        Number of features per view, G.
    """
    total = 0.0
    for level, precision, size in zip(background, omega, n_features, strict=True):
        soft = torch.isfinite(precision)
        total -= 0.5 * float((math.log(size + 1.0) + precision[soft] * level[soft] ** 2).sum())
    return total
