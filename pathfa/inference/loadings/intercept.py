"""Intercept of the loadings of a view: the level that all features share, and that gene sets must exceed.

    w_gk ~ Normal( b_k + c_k (C U)_gk, 1 / omega_k ),      b_k ~ Normal( 0, 1 / omega_k )

Where a factor raises most features of a view alike, any set of features has loadings above 0, a random one too. With an
intercept per view and factor, a gene set needs more than that (a competitive test instead of a self-contained
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


def update_intercept(loadings: Tensor, expected: Tensor, omega: Tensor) -> Tensor:
    """Return E[b], K; 0 for strict columns.

    Parameters
    ----------
    loadings
        E[w], G x K.
    expected
        The part of the prior mean that comes from the gene sets, c C U, G x K.
    omega
        Prior precision of the loadings per factor, K; infinity is the strict prior.
    """
    intercept = (loadings - expected).sum(0) / (len(loadings) + 1.0)
    return torch.where(torch.isfinite(omega), intercept, torch.zeros_like(intercept))


def intercept_evidence(intercepts: Sequence[Tensor], omega: Sequence[Tensor], n_features: Sequence[int]) -> float:
    """Return what the intercepts of all views cost, nats, as a negative number.

    Parameters
    ----------
    intercepts, omega
        E[b] and Omega per view, K.
    n_features
        Number of features per view, G.
    """
    total = 0.0
    for b, precision, size in zip(intercepts, omega, n_features, strict=True):
        soft = torch.isfinite(precision)
        total -= 0.5 * float((math.log(size + 1.0) + precision[soft] * b[soft] ** 2).sum())
    return total
