"""Empirical Bayes of the loading prior: its precision Omega and the scale c of the gene-set weights in each view."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from pathfa.inference.loadings.group import LoadingMoments
from pathfa.inference.loadings.posterior import MarginalView
from pathfa.options import LoadingPrior, ViewScale

_OMEGA_RANGE = (1e-6, 1e10)  # in the unit of the view
_SWEEPS = 5  # of coordinate descent per iteration, each starting from the last scale


def update_omega(moment: LoadingMoments, omega: Tensor, intercept: Tensor, unit: float = 1.0) -> Tensor:
    """Return Omega after one MacKay step, K; strict columns stay strict.

    omega_k = sum_g (1 - omega_k Var[(w - m)_gk]) / ( sum_g (E[(w - m)_gk])^2 + (E[b_k])^2 )

    Parameters
    ----------
    moment
        Moments of the loadings of a view.
    omega
        Omega before, K.
    intercept
        E[b], K, which has the same precision (``intercept.py``).
    unit
        Size of the values of the view (``ViewData.unit``), in which Omega has its limits.
    """
    soft = torch.isfinite(omega)
    n_features = moment.mean.shape[0]
    squared_mean = (moment.deviation - moment.deviation_cov + intercept**2).clamp(min=1e-300)
    gamma = (n_features - omega * moment.deviation_cov).clamp(min=1e-6 * n_features)
    least, most = (limit / unit**2 for limit in _OMEGA_RANGE)
    return torch.where(soft, (gamma / squared_mean).clamp(least, most), omega)


def resolve_scale(kind: ViewScale, prior: LoadingPrior) -> ViewScale:
    """Return what ``auto`` stands for: one scale per factor where loadings may differ from their gene sets."""
    if kind is not ViewScale.AUTO:
        return kind
    return ViewScale.VIEW if prior is LoadingPrior.STRICT else ViewScale.FACTOR


def update_scale(kind: ViewScale, item: MarginalView, weights: Tensor, moment: Tensor) -> Tensor:
    """Return the scale of a view, K: the maximum of the expected quadratic in c.

    With t_g = (C U)_g, the view contributes -1/2 c' [sum_g A_g * E[t_g t_g']] c + c' [sum_g F_g * t_g].

    Parameters
    ----------
    kind
        One scale per view and factor, one per view, or fixed.
    item
        Marginal likelihood of the view.
    weights
        Mean of the weights U, P x K.
    moment
        The matrix of the quadratic, K x K (``MarginalPrecision.moment``).
    """
    if kind is ViewScale.FIXED:
        return item.scale
    ones = torch.ones_like(item.scale)
    linear = (item.linear_of_sets * weights).sum(0)  # sum_g F_g * t_g
    if kind is ViewScale.VIEW:
        total = float(moment.sum())
        return ones * max(float(linear.sum()) / total, 0.0) if total > 0 else item.scale
    # non-negative least squares by coordinate descent from the present scale, in NumPy: K numbers at a time
    quadratic, target = moment.cpu().numpy(), linear.tolist()
    used = quadratic.diagonal() > 0
    scale = np.where(used, item.scale.cpu().numpy(), 1.0)
    for _ in range(_SWEEPS):
        for k in np.flatnonzero(used):
            rest = target[k] - quadratic[k] @ scale + quadratic[k, k] * scale[k]
            scale[k] = max(rest / quadratic[k, k], 0.0)
    return torch.as_tensor(scale, device=ones.device)


def scale_curvature(kind: ViewScale, moment: Tensor) -> Tensor:
    """Return the precision with which the data know each scale of a view, for the moment of ``update_scale``.

    One value per view or, for scales per factor, K, each given the others.
    """
    return moment.diagonal() if kind is ViewScale.FACTOR else moment.sum().reshape(1)


def scale_evidence(scales: Sequence[Tensor], curvatures: Sequence[Tensor]) -> float:
    """Return the evidence of the free scales, nats: Laplace terms of c >= 0 under a half-normal prior of precision 1.

    log 2 - c^2 / 2 - 1/2 log(h + 1) + log Phi(c sqrt(h + 1)) per scale, at the c that maximises the likelihood. Of M
    scales that share their root mean square M - 1 are free, so that the terms are multiplied by 1 - 1 / M.
    """
    h = torch.stack(list(curvatures)) + 1.0
    c = torch.stack(list(scales))[:, : h.shape[1]]
    terms = math.log(2.0) - 0.5 * c**2 - 0.5 * h.log() + torch.special.log_ndtr(c * h.sqrt())
    return (1.0 - 1.0 / len(scales)) * float(terms.sum())


def common_scale(scales: Sequence[Tensor]) -> Tensor:
    """Return the root mean square over the views of the scale of each factor, K; 1 for a factor without scale.

    The likelihood depends only on the product of scales and weights. Scales of mean square 1 fix it, whatever the order
    of the views.
    """
    square = torch.stack(list(scales)).square().mean(0)
    return torch.where(square > 0, square.sqrt(), torch.ones_like(square))
