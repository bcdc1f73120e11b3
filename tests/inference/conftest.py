"""Small cohorts whose latent variables and hyper-parameters are known, for the engine and for the Pyro program."""

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor

from pathfa.inference.evidence import gaussian_log_density
from pathfa.inference.loadings.posterior import LoadingPosterior, MarginalView, loading_posterior
from pathfa.inference.numerics import DTYPE, LOG_2PI
from pathfa.inference.problem.problem import Problem, make_problem
from pathfa.inference.updates.noise import known_noise
from pathfa.inference.updates.scores import ScorePosterior, onto_loadings, update_scores
from pathfa.inference.weights.curvature import Weights
from pathfa.inference.weights.weights import WeightPosterior
from pathfa.simulation.cohort import Simulated
from pathfa.simulation.layout import gene_set_mask
from pathfa.simulation.pyro_model import Parameters, ViewParameters


@dataclass(frozen=True, kw_only=True)
class Known:
    """A cohort with everything that it was made from."""

    problem: Problem
    values: list[np.ndarray]
    masks: list[np.ndarray]
    scores: Tensor
    weights: Tensor
    loadings: list[Tensor]
    noise_precision: list[Tensor]
    omega: list[Tensor]
    scale: list[Tensor]
    intercept: list[Tensor]
    alpha: Tensor
    nonnegative: bool

    def log_joint(self, **changed: object) -> Tensor:
        """Return log p(X, W, U, Z) in nats at these values, some of them changed: what the evidence integrates.

        Strict columns take the loadings from the weights and add no density; pruned weights add none either.
        """
        at = dataclasses.replace(self, **changed)
        active = torch.isfinite(at.alpha)
        u, precision = at.weights[active], at.alpha[active]
        total = 0.5 * (precision.log() - LOG_2PI - precision * u**2).sum()
        if at.nonnegative:
            total = total + math.log(2.0) * int(active.sum())
        total = total - 0.5 * (at.scores**2 + LOG_2PI).sum()
        for position, view in enumerate(at.problem.views):
            omega, lam, mean = at.omega[position], at.noise_precision[position], at.prior_mean(position)
            soft = torch.isfinite(omega)
            w = torch.where(soft, at.loadings[position], mean)
            rss = ((view.x - at.scores @ w.T) ** 2 * view.seen).sum(0)
            total = total + gaussian_log_density(view.n_observed, lam.log(), lam, rss)
            deviation = (at.loadings[position] - mean)[:, soft]
            total = total + 0.5 * (omega[soft].log() - LOG_2PI - omega[soft] * deviation**2).sum()
        return total

    def prior_mean(self, position: int) -> Tensor:
        """Return the intercept and c C U of a view, G x K."""
        return torch.as_tensor(self.masks[position]) @ self.weights * self.scale[position] + self.intercept[position]

    def known_scores(self) -> ScorePosterior:
        """Return the posterior of scores that are known."""
        n, size = self.scores.shape
        return ScorePosterior(
            mean=self.scores,
            cov=torch.zeros(1, size, size, dtype=DTYPE),
            pattern=torch.zeros(n, dtype=torch.int64),
            log_det=0.0,
            multiplicity=torch.ones(n, dtype=DTYPE),
        )

    def scores_given_loadings(self) -> ScorePosterior:
        """Return the posterior of the scores given loadings that are known."""
        precisions = []
        for view, w, lam in zip(self.problem.views, self.loadings, self.noise_precision, strict=True):
            each = lam[:, None, None] * w[:, :, None] * w[:, None, :]
            precisions.append([each[g.index].sum(0) if g.observed is None else each[g.index] for g in view.groups])
        projected = onto_loadings(self.problem, self.loadings, self.noise_precision)
        return update_scores(self.problem, projected, precisions)

    def known_weights(self) -> Weights:
        """Return gene-set weights that are known and cost nothing."""
        flat = self.weights.T.reshape(-1)
        nothing = WeightPosterior(
            mean=flat,
            alpha=torch.full_like(flat, math.inf),
            active=torch.empty(0, dtype=torch.int64),
            cov=torch.empty(0, 0, dtype=DTYPE),
            log_det=0.0,
            diagonal=False,
        )
        return Weights(mean=self.weights, alpha=torch.full_like(self.weights, math.inf), blocks=(nothing,))

    def known_noise(self) -> list:
        """Return the noise posteriors of known precisions."""
        return [known_noise(precision) for precision in self.noise_precision]

    def loading_posteriors(self, scores: ScorePosterior | None = None) -> list[LoadingPosterior]:
        """Return the posterior of the loadings of every view, by default given the true scores."""
        given = self.known_scores() if scores is None else scores
        return [
            loading_posterior(view, precision, given.second(view), given.cross(view), omega)
            for view, precision, omega in zip(self.problem.views, self.noise_precision, self.omega, strict=True)
        ]

    def marginal(self, scores: ScorePosterior | None = None) -> tuple[MarginalView, ...]:
        """Return what every view says about the gene-set weights, by default given the true scores."""
        views = zip(self.loading_posteriors(scores), self.intercept, self.scale, strict=True)
        return tuple(posterior.marginal(intercept, scale) for posterior, intercept, scale in views)

    def pyro(self) -> tuple[Parameters, dict[str, Tensor]]:
        """Return the parameters of the Pyro program and the data."""
        views = {
            str(position): ViewParameters(
                mask=torch.as_tensor(mask),
                noise_precision=self.noise_precision[position],
                omega=self.omega[position],
                scale=self.scale[position],
                intercept=self.intercept[position],
                observed=torch.as_tensor(np.isfinite(self.values[position])),
            )
            for position, mask in enumerate(self.masks)
        }
        parameters = Parameters(views=views, alpha=self.alpha, n_samples=len(self.scores), nonnegative=self.nonnegative)
        return parameters, {str(position): torch.as_tensor(x) for position, x in enumerate(self.values)}


Maker = Callable[..., Known]


def make_known(
    seed: int = 0,
    n: int = 12,
    features: tuple[int, ...] = (9, 7),
    sets: int = 4,
    factors: int = 2,
    omega: float | tuple[float, ...] = 4.0,
    missing: float = 0.0,
    absent: bool = False,
    nonnegative: bool = True,
    noise_sd: float = 0.7,
) -> Known:
    """Return a cohort drawn from the model.

    ``omega`` is one value for all factors or one per factor, infinite where strict; ``missing`` the fraction of
    entries that are missing in the first view; ``absent`` takes the last view from the last quarter of the samples.
    """
    rng = np.random.default_rng(seed)
    alpha = rng.uniform(0.5, 2.0, (sets, factors))
    weights = rng.standard_normal((sets, factors)) / np.sqrt(alpha)
    weights = np.abs(weights) if nonnegative else weights
    if sets > 1:  # one pruned entry
        alpha[-1, 0], weights[-1, 0] = np.inf, 0.0
    scores = rng.standard_normal((n, factors))
    values, masks, loadings, precisions, omegas, scales, intercepts = [], [], [], [], [], [], []
    for position, size in enumerate(features):
        mask = (rng.random((size, sets)) < 0.5).astype(float)
        mask[0] = 0.0  # a feature outside every set
        scale = np.full(factors, 1.0 if position == 0 else 0.8)
        prior = np.broadcast_to(np.asarray(omega, dtype=float), factors).copy()
        spread = np.where(np.isfinite(prior), prior**-0.5, 0.0)
        intercept = np.where(spread > 0, np.linspace(-0.4, 0.7, factors), 0.0)
        loading = mask @ weights * scale + intercept + spread * rng.standard_normal((size, factors))
        sd = noise_sd * rng.uniform(0.8, 1.2, size)
        x = scores @ loading.T + sd * rng.standard_normal((n, size))
        if position == 0 and missing > 0:
            x[rng.random(x.shape) < missing] = np.nan
            x[0, :2] = [np.nan, 1.0]
        if absent and position == len(features) - 1:
            x[-(n // 4) :] = np.nan
        values.append(x)
        masks.append(mask)
        loadings.append(torch.as_tensor(loading))
        precisions.append(torch.as_tensor(sd**-2))
        omegas.append(torch.as_tensor(prior))
        scales.append(torch.as_tensor(scale))
        intercepts.append(torch.as_tensor(intercept))
    return Known(
        problem=make_problem(list(zip(values, masks, strict=True))),
        values=values,
        masks=masks,
        scores=torch.as_tensor(scores),
        weights=torch.as_tensor(weights),
        loadings=loadings,
        noise_precision=precisions,
        omega=omegas,
        scale=scales,
        intercept=intercepts,
        alpha=torch.as_tensor(alpha),
        nonnegative=nonnegative,
    )


def cohort_problem(cohort: Simulated) -> Problem:
    """Return the problem of a simulated cohort, over the samples of its first view."""
    samples = list(cohort.truth.scores.index)
    views = []
    for name in cohort.mdata.mod:
        values = cohort.mdata[name].to_df().reindex(samples)
        views.append((values.to_numpy(copy=True), gene_set_mask(values.columns, cohort.gene_sets)))
    return make_problem(views)


def take_rows(problem: Problem, rows: Sequence[int]) -> Problem:
    """Return the problem of some of the samples."""
    views = []
    for view in problem.views:
        x = torch.where(view.seen.expand_as(view.x) > 0, view.x, torch.nan)[list(rows)]
        views.append((x.numpy(), view.sets.csr.toarray()))
    return make_problem(views)


@pytest.fixture(name="take_rows", scope="session")
def take_rows_fixture() -> Callable[[Problem, Sequence[int]], Problem]:
    return take_rows


@pytest.fixture(name="cohort_problem", scope="session")
def cohort_problem_fixture() -> Callable[[Simulated], Problem]:
    return cohort_problem


@pytest.fixture(name="make_known", scope="session")
def make_known_fixture() -> Maker:
    return make_known
