"""Rotation of the factors to where the priors of loadings and scores are best met, in one step.

For any invertible B the likelihood is the same at Z B^-T and W B. Coordinate ascent moves in that direction by small
steps only, because scores and loadings are updated given each other, and often stops before the optimum. With the
precisions Omega of the loadings at their optimum, the bound of the log evidence depends on B through

    - sum over views of  G_m / 2 [ log |diag(B' T_m B)| - log |B' T_m B| ],     T_m = E[W_m' W_m]

where gene sets explain nothing, and through the scores with T = E[Z' Z] and N in place of T_m and G_m, rotated by B^-T.
Near the optimum the latter is the same to second order as the term of T = E[Z' Z]^-1 rotated by B, which is used
instead. The sum is the likelihood criterion of joint diagonalisation (Pham 2001), with one B for all matrices, here
minimised by quasi-Newton steps (Ablin, Cardoso and Gramfort 2019). Of the covariances of loadings, only the variance
around the gene sets counts in T_m. A rotation is kept only where the evidence of the whole model rises, which it does
where gene sets explain little. Luttinen and Ilin (2010) use such transformations in factor analysis without gene sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from pathfa.inference.numerics import DTYPE
from pathfa.inference.updates.state import FitState

_STEPS = 50
_HALVINGS = 20
_TOLERANCE = 1e-8  # change of the criterion at which the steps end


def rotated(state: FitState) -> FitState:
    """Return the state with rotated factors and the precisions of their loadings.

    Loadings, weights and noise follow in the update that comes next.
    """
    scores = state.scores
    moments = [m.mean.T @ m.mean + m.deviation_cov.diag() for m in state.moments]
    sizes = [float(m.mean.shape[0]) for m in state.moments]
    basis = joint_diagonaliser([*moments, torch.linalg.inv(scores.total())], [*sizes, scores.n_samples])
    omega = [
        torch.where(torch.isfinite(old), size / _quadratic(basis, moment), old)
        for old, moment, size in zip(state.omega, moments, sizes, strict=True)
    ]
    return replace(
        state,
        scores=scores.mixed(torch.linalg.inv(basis).T),
        omega=tuple(omega),
        intercept=tuple(intercept @ basis for intercept in state.intercept),
    )


def joint_diagonaliser(matrices: Sequence[Tensor], weights: Sequence[float]) -> Tensor:
    """Return the invertible B that makes every B' T_m B as diagonal as possible, K x K.

    Parameters
    ----------
    matrices
        Positive definite T_m, K x K each.
    weights
        How much each of them counts.
    """
    size = len(matrices[0])
    share = torch.tensor(weights, dtype=DTYPE, device=matrices[0].device) / sum(weights)
    scale = torch.stack([matrix.diagonal() for matrix in matrices]).log().mul(share[:, None]).sum(0).mul(-0.5).exp()
    basis = scale.diag()
    present = [basis @ matrix @ basis for matrix in matrices]
    criterion = _criterion(basis, present, share)
    for _ in range(_STEPS):
        inverse = torch.stack([1.0 / item.diagonal() for item in present])  # M x K
        slope = torch.einsum("m,mij,mj->ij", share, torch.stack(present), inverse).fill_diagonal_(0.0)
        ratio = torch.einsum("m,mi,mj->ij", share, 1.0 / inverse, inverse)
        step = -(ratio.T * slope - slope.T) / (ratio * ratio.T - 1.0).clamp(min=1e-3)
        for _ in range(_HALVINGS):
            move = torch.eye(size, dtype=DTYPE, device=step.device) + step
            moved = [move.T @ item @ move for item in present]
            found = _criterion(basis @ move, moved, share)
            if found < criterion:
                break
            step = 0.5 * step
        else:
            break
        gain, criterion = criterion - found, found
        basis, present = basis @ move, moved
        if gain < _TOLERANCE:
            break
    return basis


def _criterion(basis: Tensor, present: Sequence[Tensor], share: Tensor) -> float:
    """Return sum_m share_m / 2 log |diag(B' T_m B)| - log |B|."""
    logs = torch.stack([item.diagonal().log().sum() for item in present])
    return float(0.5 * (share * logs).sum() - torch.linalg.slogdet(basis)[1])


def _quadratic(basis: Tensor, matrix: Tensor) -> Tensor:
    return (basis * (matrix @ basis)).sum(0)
