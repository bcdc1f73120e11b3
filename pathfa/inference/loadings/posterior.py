"""Posterior of the loadings of one view given the scores: one of each group of its features (``group.py``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from pathfa.inference.loadings.group import CompleteGroup, GroupPosterior, IncompleteGroup, LoadingMoments
from pathfa.inference.loadings.structured import DenseMatrices, MarginalPrecision, PriorCov
from pathfa.inference.problem.view import FeatureGroup, ViewData


@dataclass(frozen=True, kw_only=True)
class MarginalView:
    """What one view says about the gene-set weights with its loadings integrated out: -1/2 m_g' A_g m_g + F_g' m_g.

    Attributes
    ----------
    view
        The data.
    precision
        A_g of the annotated features.
    linear
        F_g of all features, without the intercept of the view, G x K.
    scale
        View scale c, K.
    """

    view: ViewData
    precision: MarginalPrecision
    linear: Tensor
    scale: Tensor

    @cached_property
    def linear_of_sets(self) -> Tensor:
        """C' F, the linear term of the weights before the scale, P x K."""
        return self.view.mask_t @ self.linear


@dataclass(frozen=True, kw_only=True)
class LoadingPosterior:
    """Conditional posterior of the loadings of one view given the scores and the prior mean.

    Attributes
    ----------
    view
        The data.
    noise_precision
        Expected noise precision per feature, lambda, G.
    parts
        Posterior of each group of features.
    """

    view: ViewData
    noise_precision: Tensor
    parts: tuple[GroupPosterior, ...]

    @property
    def _groups(self) -> Iterator[tuple[FeatureGroup, GroupPosterior]]:
        return zip(self.view.groups, self.parts, strict=True)

    def marginal(self, intercept: Tensor, scale: Tensor) -> MarginalView:
        """Return the marginal likelihood of the weights for the intercept and the view scale, K each."""
        linear = self.view.gather([part.marginal_linear(intercept) for part in self.parts])
        return MarginalView(view=self.view, precision=self._marginal_precision(), linear=linear, scale=scale)

    def _marginal_precision(self) -> MarginalPrecision:
        each = [part.marginal_precision(group.annotated) for group, part in self._groups]
        if len(each) == 1:
            return each[0]
        size = self.parts[0].cross.shape[1]
        found = self.noise_precision.new_empty(len(self.view.annotated), size, size)
        for group, item in zip(self.view.groups, each, strict=True):
            found[group.position] = item.to_dense()
        return DenseMatrices(found)

    def mean(self, prior_mean: Tensor) -> Tensor:
        """Return E[w], G x K, for the prior mean m, G x K."""
        return self.view.gather([part.mean(prior_mean[group.index]) for group, part in self._groups])

    def covariance(self, prior_cov: PriorCov | None) -> Tensor:
        """Return the covariance of w with that of the prior mean in it, G x K x K; arguments as for ``moments``."""
        groups = zip(self.view.groups, self._cov_of_groups(prior_cov), self.parts, strict=True)
        return self.view.gather([part.covariance(group.annotated, cov) for group, cov, part in groups])

    def moments(self, prior_mean: Tensor, prior_cov: PriorCov | None) -> LoadingMoments:
        """Return the moments of w under the posterior of the gene-set weights.

        Parameters
        ----------
        prior_mean
            Mean of m, G x K.
        prior_cov
            Covariance of m for the annotated features; None where the weights are known.
        """
        sums = self.view.sum_squares
        found = [
            part.moments(group.annotated, sums[group.index], prior_mean[group.index], cov)
            for group, cov, part in zip(self.view.groups, self._cov_of_groups(prior_cov), self.parts, strict=True)
        ]
        if len(found) == 1:
            return found[0]
        return LoadingMoments(
            mean=self.view.gather([item.mean for item in found]),
            prior_mean=prior_mean,
            precision=tuple(precision for item in found for precision in item.precision),
            expected_rss=self.view.gather([item.expected_rss for item in found]),
            deviation=torch.stack([item.deviation for item in found]).sum(0),
            deviation_cov=torch.stack([item.deviation_cov for item in found]).sum(0),
            half_log_det=sum(item.half_log_det for item in found),
        )

    def _cov_of_groups(self, prior_cov: PriorCov | None) -> Sequence[PriorCov | None]:
        """Return the covariance of the prior mean of the annotated features of each group."""
        if prior_cov is None or len(self.parts) == 1:
            return [prior_cov] * len(self.parts)
        return [prior_cov.take(group.position) for group in self.view.groups]


def loading_posterior(
    view: ViewData, noise_precision: Tensor, second: Sequence[Tensor], cross: Tensor, omega: Tensor
) -> LoadingPosterior:
    """Return the posterior of the loadings of a view.

    Parameters
    ----------
    view
        The data.
    noise_precision
        Expected noise precision per feature, lambda, G.
    second
        Second moments of the scores, S, of each group of features: K x K where complete, else I x K x K.
    cross
        b = X' E[Z], G x K.
    omega
        Prior precision of the loadings per factor, K; infinity is the strict prior.
    """
    parts: list[GroupPosterior] = []
    for group, moment in zip(view.groups, second, strict=True):
        kind = CompleteGroup if group.observed is None else IncompleteGroup
        parts.append(kind(noise_precision[group.index], moment, cross[group.index], omega))
    return LoadingPosterior(view=view, noise_precision=noise_precision, parts=tuple(parts))
