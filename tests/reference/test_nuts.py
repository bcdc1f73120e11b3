"""The Laplace posterior of scores and weights against NUTS on the Pyro program, hyper-parameters fixed."""

import math
from dataclasses import dataclass

import pyro
import pytest
import torch
from pyro.infer import MCMC, NUTS
from pyro.infer.autoguide import init_to_value
from torch import Tensor

from pathfa.inference.loadings.posterior import loading_posterior
from pathfa.inference.problem.problem import make_problem
from pathfa.inference.updates.scores import ScorePosterior, onto_loadings, update_scores
from pathfa.inference.weights.curvature import Weights, update_weights
from pathfa.options import Curvature, Sign
from pathfa.simulation.pyro_model import Parameters, ViewParameters, draw, program

pytestmark = pytest.mark.slow

F64 = torch.float64
N, G, P, K = 16, 40, 4, 2
N_DRAWS = 200


@dataclass(frozen=True, kw_only=True)
class Case:
    """A small problem and its Laplace posterior."""

    parameters: Parameters
    data: Tensor
    scores: ScorePosterior
    weights: Weights
    loadings: Tensor


@pytest.fixture(scope="module", params=[math.inf, 25.0], ids=["strict", "soft"])
def case(request):
    generator = torch.Generator().manual_seed(0)
    mask = (torch.rand(G, P, generator=generator) < 0.3).to(F64)
    # two gene sets for each factor, so that factors cannot change places
    alpha = torch.full((P, K), math.inf, dtype=F64)
    alpha[:2, 0], alpha[2:, 1] = 1.0, 1.0
    view = ViewParameters(
        mask=mask,
        noise_precision=torch.linspace(0.5, 1.5, G, dtype=F64),
        omega=torch.full((K,), request.param, dtype=F64),
        scale=torch.ones(K, dtype=F64),
        intercept=torch.full((K,), 0.0 if math.isinf(request.param) else 0.4, dtype=F64),
    )
    parameters = Parameters(views={"rna": view}, alpha=alpha, n_samples=N)
    drawn = draw(parameters, seed=4)
    data = drawn["data/rna"]
    return Case(parameters=parameters, data=data, **laplace(parameters, data, drawn["scores"]))


def laplace(parameters: Parameters, data: Tensor, start: Tensor) -> dict[str, object]:
    """Return the posterior of scores and weights of the engine at fixed hyper-parameters."""
    view = parameters.views["rna"]
    problem = make_problem([(data.numpy(), view.mask.numpy())])
    scores = ScorePosterior(
        mean=start,
        cov=torch.zeros(1, K, K, dtype=F64),
        pattern=torch.zeros(N).long(),
        log_det=0.0,
        multiplicity=torch.ones(N, dtype=F64),
    )
    weights = Weights(mean=torch.zeros(P, K, dtype=F64), alpha=parameters.alpha, blocks=())
    for _ in range(300):
        second, cross = scores.second(problem.views[0]), scores.cross(problem.views[0])
        posterior = loading_posterior(problem.views[0], view.noise_precision, second, cross, view.omega)
        marginal = posterior.marginal(view.intercept, view.scale)
        weights = update_weights(
            problem, (marginal,), weights, sign=Sign.NONNEGATIVE, curvature=Curvature.FULL, learn_alpha=False
        )
        prior_cov = weights.prior_cov(problem.views[0]).scaled(view.scale)
        moments = posterior.moments(view.mask @ weights.mean + view.intercept, prior_cov)
        projected = onto_loadings(problem, [moments.mean], [view.noise_precision])
        scores = update_scores(problem, projected, [moments.precision])
    return {"scores": scores, "weights": weights, "loadings": moments.mean}


@pytest.fixture(scope="module")
def draws(case):
    with torch.random.fork_rng(devices=[]):
        pyro.set_rng_seed(0)
        sampler = MCMC(
            NUTS(
                lambda: program(case.parameters, {"rna": case.data}),
                max_tree_depth=6,
                init_strategy=init_to_value(
                    values={
                        "scores": case.scores.mean,
                        "weights": case.weights.mean[torch.isfinite(case.parameters.alpha)].clamp(min=1e-3),
                        "loadings/rna": case.loadings,
                    }
                ),
            ),
            num_samples=N_DRAWS,
            warmup_steps=100,
            disable_progbar=True,
        )
        sampler.run()
        found = sampler.get_samples()
    pyro.clear_param_store()
    weights = torch.zeros(N_DRAWS, P, K, dtype=F64)
    weights[:, torch.isfinite(case.parameters.alpha)] = found["weights"].to(F64)
    return found["scores"].to(F64), weights


@pytest.fixture(scope="module")
def unit_draws(draws):
    """Draws with a mean square score of 1: the engine fixes the scale that scores and weights share, too."""
    scores, weights = draws
    scale = scores.square().mean(1, keepdim=True).sqrt()
    return scores / scale, weights * scale


@pytest.fixture(scope="module")
def unit(case):
    scale = case.scores.mean_square().sqrt()
    return case.scores.mean / scale, case.weights.mean * scale, case.scores.variance.sqrt() / scale


def monte_carlo_error(values: Tensor) -> Tensor:
    """Return the standard error of the mean over draws, from the means of batches."""
    batches = values.reshape(20, -1, *values.shape[1:]).mean(1)
    return batches.std(0) / math.sqrt(20)


def test_scores_have_the_same_mean(unit, unit_draws):
    mean, sd = unit[0], unit[2]

    # within 4 standard errors of the sampler, and a fraction of the posterior sd for what Laplace leaves out
    error = 4.0 * monte_carlo_error(unit_draws[0]) + 0.2 * sd
    assert ((unit_draws[0].mean(0) - mean).abs() < error).all()


def test_scores_have_the_same_sd(unit, unit_draws):
    ratio = unit_draws[0].std(0) / unit[2]

    assert 0.85 < float(ratio.median()) < 1.2
    assert float(ratio.min()) > 0.7
    assert float(ratio.max()) < 1.4


def test_weights_have_the_same_mean_and_sd(case, unit, unit_draws):
    active = torch.isfinite(case.parameters.alpha)
    sd = case.weights.variance().sqrt()[active]
    found = unit_draws[1][:, active]

    assert ((found.mean(0) - unit[1][active]).abs() < 4.0 * monte_carlo_error(found) + 0.35 * sd).all()
    ratio = found.std(0) / sd
    assert float(ratio.min()) > 0.7
    assert float(ratio.max()) < 1.5


def test_activities_have_the_same_mean(case, draws):
    scores, weights = draws
    activity = scores @ weights.mT

    expected = case.scores.mean @ case.weights.mean.T

    error = 4.0 * monte_carlo_error(activity) + 0.3 * activity.std(0)
    assert ((activity.mean(0) - expected).abs() < error).all()
