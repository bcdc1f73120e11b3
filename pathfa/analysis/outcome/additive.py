"""A Bayesian additive model of an outcome, for tens of samples.

    eta = intercept + sum over features of [ a linear part + a smooth part ],    y ~ Normal(eta) or Bernoulli(eta)

Each part is a few basis functions with one Gaussian prior. The precisions of the priors (and the noise) maximise the
Laplace log evidence, which takes out the parts and features that the outcome does not need. After the additive models
of Bouchiat et al. (2024), with splines in place of neural networks.

A precision that is tuned always gains a little on chance: a part stays only if the evidence falls by more than 2 nats
(a Bayes factor of 7) without it.

Shapes: N samples, P features, M basis functions over all parts.

References
----------
Bouchiat, Immer, Yèche, Rätsch, Fortuin (2024), Improving neural additive models with Bayesian principles, ICML.
MacKay (1992), Bayesian interpolation, Neural Computation 4, 415.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from scipy import linalg
from scipy.special import expit

_MAX_STEPS = 500  # updates of the precisions
_TOLERANCE = 1e-6  # relative change of the log evidence at which they stop
_PRUNED = 1e8  # precision at which a part is taken out; basis functions have unit variance
_NEWTON_STEPS = 50
_WORTH = 2.0  # nats of evidence that a part must be worth


class Likelihood(StrEnum):
    """What the outcome is."""

    GAUSSIAN = "gaussian"
    BERNOULLI = "bernoulli"


@dataclass(frozen=True, kw_only=True)
class AdditivePart:
    """The linear or smooth part of a feature: columns of the design."""

    feature: int
    smooth: bool
    columns: slice


@dataclass(frozen=True, kw_only=True)
class AdditivePosterior:
    """Laplace posterior of the weights for given precisions.

    Attributes
    ----------
    mean, cov
        Of the weights, intercept first, 1 + M and its square.
    log_evidence
        Laplace log evidence, nats.
    """

    mean: np.ndarray
    cov: np.ndarray
    log_evidence: float


class Basis:
    """Basis functions of every feature, fixed on the training samples.

    Parameters
    ----------
    x
        Features, N x P.
    n_knots
        Knots of the splines of the smooth parts, at quantiles.
    """

    def __init__(self, x: np.ndarray, n_knots: int) -> None:
        self.centre, self.spread = x.mean(axis=0), x.std(axis=0)
        self.spread = np.where(self.spread > 0, self.spread, 1.0)
        self.splines: list[Any] = []
        self.removed: list[np.ndarray] = []
        self.sizes: list[float] = []
        self.parts: list[AdditivePart] = []
        start = 0
        for p, z in enumerate(((x - self.centre) / self.spread).T):
            width = self._add(z, n_knots)
            self.parts.append(AdditivePart(feature=p, smooth=False, columns=slice(start, start + 1)))
            self.parts.append(AdditivePart(feature=p, smooth=True, columns=slice(start + 1, start + 1 + width)))
            start += 1 + width

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return the basis functions of samples, N x M."""
        return np.column_stack([self.of_feature(p, x[:, p]) for p in range(x.shape[1])])

    def of_feature(self, p: int, values: np.ndarray) -> np.ndarray:
        """Return the basis functions of one feature at values of it, N x (1 + its smooth functions)."""
        z = (values - self.centre[p]) / self.spread[p]
        line = np.column_stack([np.ones(len(z)), z])
        smooth = self.splines[p].transform(z[:, None]) - line @ self.removed[p]
        return np.column_stack([z, smooth / self.sizes[p]])

    def _add(self, z: np.ndarray, n_knots: int) -> int:
        """Make the smooth functions of the next feature, and return their number."""
        from sklearn.preprocessing import SplineTransformer

        spline = SplineTransformer(
            n_knots=n_knots, degree=3, knots="quantile", extrapolation="linear", include_bias=False
        )
        values = spline.fit_transform(z[:, None] + 1e-9 * np.arange(len(z))[:, None])
        line = np.column_stack([np.ones(len(z)), z])
        removed = np.linalg.lstsq(line, values, rcond=None)[0]
        left = values - line @ removed
        self.splines.append(spline)
        self.removed.append(removed)
        # one scale for all smooth functions of a feature: together they have unit variance
        self.sizes.append(max(float(np.sqrt((left**2).sum() / len(z))), 1e-9))
        return int(values.shape[1])


def posterior(
    design: np.ndarray, y: np.ndarray, precision: np.ndarray, likelihood: Likelihood, noise_precision: float
) -> AdditivePosterior:
    """Return the Laplace posterior of the weights; exact for a Gaussian outcome.

    Parameters
    ----------
    design
        N x M.
    y
        Outcome, N; 0 and 1 for Bernoulli.
    precision
        Prior precision of every weight, M.
    likelihood, noise_precision
        The outcome and, if it is Gaussian, the precision of its noise.
    """
    full = np.column_stack([np.ones(len(y)), design])
    prior = np.concatenate([[1e-6], precision])
    mean = np.zeros(full.shape[1])
    if likelihood is Likelihood.GAUSSIAN:
        hessian = noise_precision * full.T @ full + np.diag(prior)
        factor = linalg.cho_factor(hessian, lower=True)
        mean = linalg.cho_solve(factor, noise_precision * full.T @ y)
        fit = -0.5 * noise_precision * float(((y - full @ mean) ** 2).sum())
        fit += 0.5 * len(y) * np.log(noise_precision / (2.0 * np.pi))
    else:
        mean, factor = _newton(full, y, prior)
        fit = _log_likelihood(full @ mean, y)
    log_det = 2.0 * float(np.log(np.diag(factor[0])).sum())
    evidence = fit - 0.5 * float(prior @ mean**2) + 0.5 * float(np.log(prior).sum()) - 0.5 * log_det
    return AdditivePosterior(mean=mean, cov=linalg.cho_solve(factor, np.eye(len(mean))), log_evidence=evidence)


def _newton(full: np.ndarray, y: np.ndarray, prior: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, bool]]:
    """Return the mode of the weights of a Bernoulli outcome and the Cholesky factor of the Hessian there."""
    mean = np.zeros(full.shape[1])
    objective = _log_likelihood(full @ mean, y)

    def hessian(probability: np.ndarray) -> tuple[np.ndarray, bool]:
        curvature = probability * (1.0 - probability)
        factor: tuple[np.ndarray, bool] = linalg.cho_factor(
            full.T @ (curvature[:, None] * full) + np.diag(prior), lower=True
        )
        return factor

    for _ in range(_NEWTON_STEPS):
        probability = expit(full @ mean)
        step = linalg.cho_solve(hessian(probability), full.T @ (y - probability) - prior * mean)
        size = 1.0
        while size > 1e-8:
            tried = mean + size * step
            value = _log_likelihood(full @ tried, y) - 0.5 * float(prior @ tried**2)
            if value >= objective:
                break
            size *= 0.5
        gained, mean, objective = value - objective, tried, value
        if gained < 1e-10 * (1.0 + abs(objective)):
            break
    return mean, hessian(expit(full @ mean))


def _log_likelihood(eta: np.ndarray, y: np.ndarray) -> float:
    return float((y * eta - np.logaddexp(0.0, eta)).sum())


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """Some parts, their precisions, and the posterior for these.

    Attributes
    ----------
    parts
        The parts that are left.
    precision
        Of each of them.
    noise_precision
        Of a Gaussian outcome; 1 otherwise.
    likelihood
        What the outcome is.
    posterior
        Over the intercept and the columns of these parts, in their order.
    """

    parts: tuple[AdditivePart, ...]
    precision: np.ndarray
    noise_precision: float
    likelihood: Likelihood
    posterior: AdditivePosterior

    @property
    def columns(self) -> np.ndarray:
        """Columns of the design that are left."""
        return _columns_of(self.parts)

    @property
    def places(self) -> list[tuple[AdditivePart, slice]]:
        """Where the weights of each part stand in the posterior."""
        ends = np.cumsum([1, *(part.columns.stop - part.columns.start for part in self.parts)])
        return [(part, slice(*ends[index : index + 2])) for index, part in enumerate(self.parts)]

    def only(self, kept: Sequence[int], design: np.ndarray, y: np.ndarray) -> Tuned:
        """Return the posterior with some of the parts alone, at the same precisions."""
        parts = [self.parts[index] for index in kept]
        return _with_parts(parts, self.precision[list(kept)], self.noise_precision, self.likelihood, design, y)


def _columns_of(parts: Sequence[AdditivePart]) -> np.ndarray:
    return np.concatenate([np.arange(part.columns.start, part.columns.stop) for part in parts] or [np.empty(0, int)])


def _with_parts(
    parts: Sequence[AdditivePart],
    precision: np.ndarray,
    noise: float,
    likelihood: Likelihood,
    design: np.ndarray,
    y: np.ndarray,
) -> Tuned:
    """Return the posterior for some parts with given precisions."""
    widths = [part.columns.stop - part.columns.start for part in parts]
    fitted = posterior(design[:, _columns_of(parts)], y, np.repeat(precision, widths), likelihood, noise)
    return Tuned(
        parts=tuple(parts), precision=precision, noise_precision=noise, likelihood=likelihood, posterior=fitted
    )


def tune(design: np.ndarray, y: np.ndarray, parts: Sequence[AdditivePart], likelihood: Likelihood) -> Tuned:
    """Maximise the log evidence over the precisions of the parts and the noise, by MacKay's fixed points.

    Parameters
    ----------
    design
        Basis functions, N x M.
    y
        Outcome, N.
    parts
        Parts of the design.
    likelihood
        What the outcome is.
    """
    noise = 1.0 / max(float(y.var()), 1e-12) if likelihood is Likelihood.GAUSSIAN else 1.0
    precision = np.full(len(parts), float(max(1, len(parts))))
    current = _with_parts(parts, precision, noise, likelihood, design, y)
    for _ in range(_MAX_STEPS):
        mean, cov, before = current.posterior.mean, current.posterior.cov, current.posterior.log_evidence
        precision, gamma = current.precision.copy(), np.empty(len(current.parts))
        for index, (_part, inside) in enumerate(current.places):
            width = inside.stop - inside.start
            gamma[index] = max(width - precision[index] * float(np.trace(cov[inside, inside])), 1e-10)
            precision[index] = gamma[index] / max(float((mean[inside] ** 2).sum()), 1e-12)
        if likelihood is Likelihood.GAUSSIAN:
            residual = y - mean[0] - design[:, current.columns] @ mean[1:]
            noise = max(len(y) - 1.0 - float(gamma.sum()), 1.0) / max(float((residual**2).sum()), 1e-12)
        kept = np.flatnonzero(precision < _PRUNED)
        left = [current.parts[index] for index in kept]
        current = _with_parts(left, precision[kept], noise, likelihood, design, y)
        after = current.posterior.log_evidence
        if abs(after - before) < _TOLERANCE * (1.0 + abs(after)) and len(kept) == len(gamma):
            break
    return _drop_useless(design, y, current)


def _drop_useless(design: np.ndarray, y: np.ndarray, tuned: Tuned) -> Tuned:
    """Take out parts one by one, worst first, until each is worth its place."""
    while tuned.parts:
        everyone = range(len(tuned.parts))
        without = [tuned.only([place for place in everyone if place != index], design, y) for index in everyone]
        best = max(without, key=lambda item: item.posterior.log_evidence)
        if best.posterior.log_evidence < tuned.posterior.log_evidence - _WORTH:
            break
        tuned = best
    return tuned
