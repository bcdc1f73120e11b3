"""The posterior of the loadings of every view once a fit has ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from pathfa.inference.ends import Fit
from pathfa.inference.problem.problem import Problem
from pathfa.inference.problem.view import ViewData
from pathfa.inference.updates.state import loading_posteriors


@dataclass(frozen=True, kw_only=True)
class ViewLoadings:
    """Posterior of the loadings of one view, with that of the gene-set weights in it.

    Attributes
    ----------
    mean, cov
        E[w], G x K, and its covariance per feature, G x K x K.
    noise_precision
        lambda, G.
    """

    mean: Tensor
    cov: Tensor
    noise_precision: Tensor

    def unseen(self) -> ViewLoadings:
        """Return what the loadings are to a sample that the fit has not seen: fixed, with more noise.

        The noise of a sample of the cohort has a part in the errors of the loadings; that of a new sample has none. It
        is x ~ Normal(E[w] z, 1 / lambda + z' Cov(w) z), here with the mean of that variance, 1 / lambda + tr Cov(w).
        """
        noise = self.noise_precision.reciprocal() + self.cov.diagonal(dim1=1, dim2=2).sum(1)
        return replace(self, cov=torch.zeros_like(self.cov), noise_precision=noise.reciprocal())

    @cached_property
    def second_moment(self) -> Tensor:
        """E[w_g w_g'], G x K x K."""
        return self.mean[:, :, None] * self.mean[:, None, :] + self.cov

    @cached_property
    def _precision(self) -> Tensor:
        return self.noise_precision[:, None, None] * self.second_moment

    @cached_property
    def total_precision(self) -> Tensor:
        """Sum of lambda_g E[w_g w_g'] over all features, K x K."""
        return self._precision.sum(0)

    def precisions(self, view: ViewData) -> tuple[Tensor, ...]:
        """Return lambda_g E[w_g w_g'] of each group of features of a view, summed over complete features."""
        each = [self._precision[group.index] for group in view.groups]
        return tuple(
            item.sum(0) if group.observed is None else item for group, item in zip(view.groups, each, strict=True)
        )


def view_loadings(problem: Problem, fit: Fit) -> tuple[ViewLoadings, ...]:
    """Return the posterior of the loadings of every view given the scores of a finished fit."""
    result = []
    for position, posterior in enumerate(loading_posteriors(problem, fit.state)):
        view, scale = problem.views[position], fit.state.scale[position]
        prior_mean = (view.mask @ fit.state.weights.mean) * scale + fit.state.intercept[position]
        prior_cov = fit.state.weights.prior_cov(view).scaled(scale)
        result.append(
            ViewLoadings(
                mean=posterior.mean(prior_mean),
                cov=posterior.covariance(prior_cov),
                noise_precision=posterior.noise_precision,
            )
        )
    return tuple(result)


def score_directions(loadings: Sequence[ViewLoadings]) -> list[Tensor]:
    """Return how the scores of a sample that lacks nothing weigh the features of each view, G x K.

    These are lambda_g (1 + sum_h lambda_h E[w_h w_h'])^-1 w_g.
    """
    precision = torch.stack([item.total_precision for item in loadings]).sum(0)
    cov = torch.linalg.inv(torch.eye(len(precision), dtype=precision.dtype, device=precision.device) + precision)
    return [item.noise_precision[:, None] * item.mean @ cov for item in loadings]
