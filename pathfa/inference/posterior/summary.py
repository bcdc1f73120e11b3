"""Numbers that summarise a fit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from pathfa.inference.problem.problem import Problem
from pathfa.inference.updates.state import State


def variance_explained(problem: Problem, scores: Tensor, loadings: Sequence[Tensor]) -> tuple[np.ndarray, np.ndarray]:
    """Return R2 of each factor alone, K x views, and of all together, views, on the observed values.

    R2 = 1 - sum (x - fitted)^2 / sum x^2 with values that preprocessing has centred. Factors that correlate share
    what they explain, so that their sum may differ from the total.

    Parameters
    ----------
    problem
        The data.
    scores, loadings
        Z, N x K, and W per view, G x K.
    """
    alone, together = [], []
    for view, w in zip(problem.views, loadings, strict=True):
        seen = view.seen
        cross = (scores * (view.x @ w)).sum(0)
        if view.observed is None:
            square = (scores**2 * seen).sum(0) * (w**2).sum(0)
        else:
            square = ((scores**2).T @ view.observed * (w**2).T).sum(1)
        total = view.sum_squares.sum().clamp(min=1e-300)
        alone.append((2.0 * cross - square) / total)
        together.append(1.0 - ((view.x - scores @ w.T) * seen).square().sum() / total)
    return torch.stack(alone, dim=1).cpu().numpy(), torch.stack(together).cpu().numpy()


def annotated_share(state: State) -> float:
    """Return the share of the loadings, beyond their background, that gene sets explain: all views and factors."""
    moments = state.moments
    off = sum(float((item.mean - item.prior_mean).square().sum()) for item in moments)
    total = sum(
        float((item.mean - level).square().sum()) for item, level in zip(moments, state.background, strict=True)
    )
    return 1.0 - off / total if total > 0 else 0.0
