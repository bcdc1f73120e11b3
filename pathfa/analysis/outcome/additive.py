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
class Part:
    """The linear or smooth part of a feature: columns of the design."""

    feature: int
    smooth: bool
    columns: slice


@dataclass(frozen=True, kw_only=True)
class Posterior:
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
        self.sizes: list[np.ndarray] = []
        self.parts: list[Part] = []
        start = 0
        for p, z in enumerate(self._standard(x).T):
            self._add(z, n_knots)
            width = len(self.sizes[-1])
            self.parts.append(Part(feature=p, smooth=False, columns=slice(start, start + 1)))
            self.parts.append(Part(feature=p, smooth=True, columns=slice(start + 1, start + 1 + width)))
            start += 1 + width
        self.width = start

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return the basis functions of samples, N x M."""
        standard = self._standard(x)
        return np.column_stack([self.of_feature(p, standard[:, p]) for p in range(x.shape[1])])

    def of_feature(self, p: int, z: np.ndarray) -> np.ndarray:
        """Return the basis functions of one feature at standardised values, N x (1 + its smooth functions)."""
        line = np.column_stack([np.ones(len(z)), z])
        smooth = self.splines[p].transform(z[:, None]) - line @ self.removed[p]
        return np.column_stack([z, smooth[:, self.sizes[p] > 0] / self.sizes[p][self.sizes[p] > 0]])

    def standard(self, p: int, values: np.ndarray) -> np.ndarray:
        """Return values of a feature in sd from its mean."""
        return np.asarray((values - self.centre[p]) / self.spread[p])

    def _standard(self, x: np.ndarray) -> np.ndarray:
        return np.asarray((x - self.centre) / self.spread)

    def _add(self, z: np.ndarray, n_knots: int) -> None:
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
        self.sizes.append(np.full(values.shape[1], max(float(np.sqrt((left**2).sum() / len(z))), 1e-9)))


def posterior(
    design: np.ndarray, y: np.ndarray, precision: np.ndarray, likelihood: Likelihood, noise_precision: float
) -> Posterior:
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
    return Posterior(mean=mean, cov=linalg.cho_solve(factor, np.eye(len(mean))), log_evidence=evidence)


def _newton(full: np.ndarray, y: np.ndarray, prior: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, bool]]:
    """Return the mode of the weights of a Bernoulli outcome and the Cholesky factor of the Hessian there."""
    mean = np.zeros(full.shape[1])
    objective = _log_likelihood(full @ mean, y)
    for _ in range(_NEWTON_STEPS):
        probability = expit(full @ mean)
        gradient = full.T @ (y - probability) - prior * mean
        curvature = probability * (1.0 - probability)
        step = linalg.cho_solve(
            linalg.cho_factor(full.T @ (curvature[:, None] * full) + np.diag(prior), lower=True), gradient
        )
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
    probability = expit(full @ mean)
    curvature = probability * (1.0 - probability)
    return mean, linalg.cho_factor(full.T @ (curvature[:, None] * full) + np.diag(prior), lower=True)


def _log_likelihood(eta: np.ndarray, y: np.ndarray) -> float:
    return float((y * eta - np.logaddexp(0.0, eta)).sum())


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """Precisions that maximise the evidence, and the posterior there.

    Attributes
    ----------
    parts
        The parts that are left.
    precision
        Of each of them.
    noise_precision
        Of a Gaussian outcome; 1 otherwise.
    posterior
        Over the columns of these parts, in their order.
    """

    parts: tuple[Part, ...]
    precision: np.ndarray
    noise_precision: float
    posterior: Posterior


def columns_of(parts: tuple[Part, ...] | list[Part]) -> np.ndarray:
    """Return the columns of parts, in their order."""
    return np.concatenate([np.arange(part.columns.start, part.columns.stop) for part in parts] or [np.empty(0, int)])


def fit_parts(
    design: np.ndarray,
    y: np.ndarray,
    parts: tuple[Part, ...],
    precision: np.ndarray,
    likelihood: Likelihood,
    noise_precision: float,
) -> Posterior:
    """Return the posterior for some parts with given precisions."""
    widths = [part.columns.stop - part.columns.start for part in parts]
    return posterior(design[:, columns_of(parts)], y, np.repeat(precision, widths), likelihood, noise_precision)


def tune(design: np.ndarray, y: np.ndarray, parts: list[Part], likelihood: Likelihood) -> Tuned:
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
    left = tuple(parts)
    precision = np.full(len(left), float(max(1, len(left))))
    noise = 1.0 / max(float(y.var()), 1e-12) if likelihood is Likelihood.GAUSSIAN else 1.0
    current = fit_parts(design, y, left, precision, likelihood, noise)
    for _ in range(_MAX_STEPS):
        start, gamma = 1, np.empty(len(left))
        for index, part in enumerate(left):
            width = part.columns.stop - part.columns.start
            inside = slice(start, start + width)
            gamma[index] = max(width - precision[index] * float(np.trace(current.cov[inside, inside])), 1e-10)
            precision[index] = gamma[index] / max(float((current.mean[inside] ** 2).sum()), 1e-12)
            start += width
        if likelihood is Likelihood.GAUSSIAN:
            residual = y - current.mean[0] - design[:, columns_of(left)] @ current.mean[1:]
            noise = max(len(y) - 1.0 - float(gamma.sum()), 1.0) / max(float((residual**2).sum()), 1e-12)
        kept = np.flatnonzero(precision < _PRUNED)
        left, precision = tuple(left[index] for index in kept), precision[kept]
        after = fit_parts(design, y, left, precision, likelihood, noise)
        done = abs(after.log_evidence - current.log_evidence) < _TOLERANCE * (1.0 + abs(after.log_evidence))
        current = after
        if done and len(kept) == len(gamma):
            break
    return _drop_useless(
        design, y, Tuned(parts=left, precision=precision, noise_precision=noise, posterior=current), likelihood
    )


def _drop_useless(design: np.ndarray, y: np.ndarray, tuned: Tuned, likelihood: Likelihood) -> Tuned:
    """Take out parts one by one, worst first, until each is worth its place."""
    while tuned.parts:
        without = []
        for index in range(len(tuned.parts)):
            kept = [place for place in range(len(tuned.parts)) if place != index]
            left = tuple(tuned.parts[place] for place in kept)
            fitted = fit_parts(design, y, left, tuned.precision[kept], likelihood, tuned.noise_precision)
            without.append(
                Tuned(
                    parts=left, precision=tuned.precision[kept], noise_precision=tuned.noise_precision, posterior=fitted
                )
            )
        best = max(without, key=lambda item: item.posterior.log_evidence)
        if best.posterior.log_evidence < tuned.posterior.log_evidence - _WORTH:
            break
        tuned = best
    return tuned
