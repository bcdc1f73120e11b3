"""Empirical Bayes of the loading prior: its precision Omega and the scale c of the gene-set weights in each view."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from pathfa.inference.curvature import CollapsedView, Weights
from pathfa.inference.loadings import LoadingMoments
from pathfa.model.spec import ViewScale

_OMEGA_RANGE = (1e-6, 1e10)


def update_omega(moment: LoadingMoments, omega: Tensor) -> Tensor:
    """Return Omega after one MacKay step, K; strict columns stay strict.

    omega_k = sum_g (1 - omega_k Var[(w - m)_gk]) / sum_g E[(w - m)_gk]^2
    """
    soft = torch.isfinite(omega)
    n_features = moment.mean.shape[0]
    squared_mean = (moment.deviation - moment.deviation_cov).clamp(min=1e-300)
    gamma = (n_features - omega * moment.deviation_cov).clamp(min=1e-6 * n_features)
    return torch.where(soft, (gamma / squared_mean).clamp(*_OMEGA_RANGE), omega)


def update_scale(kind: ViewScale, item: CollapsedView, weights: Weights) -> Tensor:
    """Return the scale of a view, K: the maximum of the expected quadratic in c.

    With t_g = (C U)_g, the view contributes -1/2 c' [sum_g A_g * E[t_g t_g']] c + c' [sum_g F_g * t_g].

    Parameters
    ----------
    kind
        One scale per view and factor, one per view, or fixed.
    item
        What the view says about the weights.
    weights
        Posterior of the gene-set weights.
    """
    if kind is ViewScale.FIXED:
        return item.scale
    ones = torch.ones_like(item.scale)
    mean, cov = item.view.mask @ weights.mean, weights.prior_cov(item.view, ones)
    t = mean[item.view.annotated]
    if cov.ndim == 2:
        uncertain = (item.precision.diagonal(dim1=1, dim2=2) * cov).sum(0).diag()
    else:
        uncertain = (item.precision * cov).sum(0)
    quadratic = torch.einsum("gk,gkl,gl->kl", t, item.precision, t) + uncertain
    linear = (item.linear * mean).sum(0)
    used = quadratic.diagonal() > 0
    if not bool(used.any()):
        return item.scale
    if kind is ViewScale.VIEW:
        return ones * (linear.sum() / quadratic.sum()).clamp(min=0.0)
    # non-negative least squares by coordinate descent from the present scale
    scale = torch.where(used, item.scale, ones)
    for _ in range(20):
        for k in torch.nonzero(used).squeeze(1).tolist():
            rest = linear[k] - quadratic[k] @ scale + quadratic[k, k] * scale[k]
            scale[k] = (rest / quadratic[k, k]).clamp(min=0.0)
    return scale


def common_scale(scales: Sequence[Tensor]) -> Tensor:
    """Return the root mean square over the views of the scale of each factor, K; 1 for a factor without scale.

    The likelihood knows only the product of scales and weights. Scales of mean square 1 fix it, whatever the order of
    the views.
    """
    square = torch.stack(list(scales)).square().mean(0)
    return torch.where(square > 0, square.sqrt(), torch.ones_like(square))
