"""Loadings of a view with complete and incomplete features, each kind in the class that is made for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from pathfa.inference.loadings.incomplete import IncompleteLoadings
from pathfa.inference.loadings.loadings import Features, LoadingMoments, LoadingPosterior, Mixed
from pathfa.inference.loadings.marginal import OwnPrecision
from pathfa.inference.loadings.prior_cov import PriorCov
from pathfa.inference.loadings.strict import shared_loadings


@dataclass(frozen=True, kw_only=True)
class _Part:
    """Some features of a view: their indices, and where the annotated ones of them are."""

    index: Tensor
    annotated: Tensor  # in the part
    position: Tensor  # among all annotated features
    posterior: LoadingPosterior


@dataclass(frozen=True, kw_only=True)
class _Some:
    annotated: Tensor
    sum_squares: Tensor


class MixedLoadings:
    """Posterior with one S for the complete features and one for each of the others.

    Parameters
    ----------
    noise_precision, cross, omega
        As for ``LoadingPosterior``.
    second
        Second moments of the scores.
    """

    def __init__(self, noise_precision: Tensor, second: Mixed, cross: Tensor, omega: Tensor) -> None:
        self.noise_precision = noise_precision
        complete = torch.ones(len(noise_precision), dtype=torch.bool, device=cross.device)
        complete[second.incomplete] = False
        whole, rest = torch.nonzero(complete).squeeze(1), second.incomplete
        self._posteriors = (
            (whole, shared_loadings(noise_precision[whole], second.shared, cross[whole], omega)),
            (rest, IncompleteLoadings(noise_precision[rest], second.own, cross[rest], omega)),
        )

    def _parts(self, features: Tensor) -> Iterator[_Part]:
        """Yield the parts of the view, with those of ``features`` that are in each."""
        place = torch.full((len(self.noise_precision),), -1, device=features.device)
        for index, posterior in self._posteriors:
            place.fill_(-1)
            place[index] = torch.arange(len(index), device=features.device)
            position = torch.nonzero(place[features] >= 0).squeeze(1)
            yield _Part(index=index, annotated=place[features[position]], position=position, posterior=posterior)

    def marginal_precision(self, features: Tensor) -> OwnPrecision:
        """Return A_g of some features."""
        size = self._posteriors[0][1].omega.shape[0]
        found = self.noise_precision.new_empty(len(features), size, size)
        for part in self._parts(features):
            found[part.position] = part.posterior.marginal_precision(part.annotated).dense()
        return OwnPrecision(found)

    def marginal_linear(self, background: Tensor) -> Tensor:
        """Return F_g - A_g t of all features, G x K, for the background t, K."""
        return self._gather([posterior.marginal_linear(background) for _, posterior in self._posteriors])

    def mean(self, prior_mean: Tensor) -> Tensor:
        """Return E[w], G x K, for the prior mean m, G x K."""
        return self._gather([posterior.mean(prior_mean[index]) for index, posterior in self._posteriors])

    def weighted_second_moment(self, mean: Tensor) -> Mixed:
        """Return ``lambda_g (E[w_g] E[w_g]' + Cov_g)`` for the mean of the loadings, G x K."""
        whole, rest = (posterior.weighted_second_moment(mean[index]) for index, posterior in self._posteriors)
        return Mixed(shared=whole, own=rest, incomplete=self._posteriors[1][0])

    def covariance(self, features: Features, prior_cov: PriorCov | None) -> Tensor:
        """Return the covariance of w with that of the prior mean in it, G x K x K; arguments as for ``moments``."""
        return self._gather(
            [
                part.posterior.covariance(
                    _Some(annotated=part.annotated, sum_squares=features.sum_squares[part.index]),
                    None if prior_cov is None else prior_cov.some(part.position),
                )
                for part in self._parts(features.annotated)
            ]
        )

    def moments(self, features: Features, prior_mean: Tensor, prior_cov: PriorCov | None) -> LoadingMoments:
        """Return the moments of w under the posterior of the gene-set weights, see ``LoadingPosterior.moments``."""
        whole, rest = (
            part.posterior.moments(
                _Some(annotated=part.annotated, sum_squares=features.sum_squares[part.index]),
                prior_mean[part.index],
                None if prior_cov is None else prior_cov.some(part.position),
            )
            for part in self._parts(features.annotated)
        )
        if isinstance(whole.precision, Mixed) or isinstance(rest.precision, Mixed):
            raise TypeError("a part of a view is either complete or incomplete")
        return LoadingMoments(
            mean=self._gather([whole.mean, rest.mean]),
            prior_mean=prior_mean,
            precision=Mixed(shared=whole.precision, own=rest.precision, incomplete=self._posteriors[1][0]),
            expected_rss=self._gather([whole.expected_rss, rest.expected_rss]),
            deviation=whole.deviation + rest.deviation,
            deviation_cov=whole.deviation_cov + rest.deviation_cov,
            half_log_det=whole.half_log_det + rest.half_log_det,
        )

    def _gather(self, values: list[Tensor]) -> Tensor:
        """Return what belongs to each feature in the order of the view."""
        found = values[0].new_empty(len(self.noise_precision), *values[0].shape[1:])
        for (index, _), value in zip(self._posteriors, values, strict=True):
            found[index] = value
        return found
