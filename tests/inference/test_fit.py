"""One fit from one start."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from pathfa.inference.ends import Initialisation
from pathfa.inference.fit import fit
from pathfa.inference.problem.problem import make_problem
from pathfa.inference.stopping import FitSettings
from pathfa.inference.updates.initialisation import initial_scores
from pathfa.options import LoadingPrior, ModelSpec
from pathfa.simulation.cohort import SimulatedView, simulate

VIEWS = {"rna": SimulatedView(n_features=150), "protein": SimulatedView(n_features=80, absent=0.2)}
SHORT = FitSettings(max_iter=15)


def start_of(problem, size=3, name="activities", omega=1.0):
    return Initialisation(name=name, scores=initial_scores(problem, name, size, seed=0), omega=omega)


@pytest.fixture(scope="module", params=["strict", "soft"])
def prior(request):
    return request.param


@pytest.fixture(scope="module")
def cohort(prior):
    return simulate(50, seed=4, views=VIEWS, gene_sets=12, set_size=(10, 20), factors=3, loading_prior=prior)


@pytest.fixture(scope="module")
def problem(cohort, cohort_problem):
    return cohort_problem(cohort)


def activity_correlations(cohort, fitted):
    """Return the correlation of fitted and true activity of the gene sets that play a part."""
    found = (fitted.state.scores.mean @ fitted.state.weights.mean.T).numpy()
    truth = cohort.truth.activity.to_numpy()
    used = np.flatnonzero(truth.std(axis=0) > 0.5)
    return np.array([np.corrcoef(found[:, p], truth[:, p])[0, 1] for p in used])


CHOICES = [
    {},
    {"sign": "any"},
    {"curvature": "full"},
    {"curvature": "factor"},
    {"curvature": "diagonal"},
    {"noise": "feature"},
    {"noise": "view"},
    {"view_scale": "factor"},
    {"view_scale": "fixed"},
]


@pytest.mark.parametrize("choices", CHOICES, ids=str)
def test_every_choice_recovers_the_activities(cohort, problem, prior, choices):
    fitted = fit(problem, ModelSpec(loading_prior=prior, **choices), start_of(problem), FitSettings(max_iter=60))

    assert np.nanmedian(activity_correlations(cohort, fitted)) > 0.85
    assert fitted.log_evidence > fitted.trace[0]
    assert fitted.n_factors == 3


def test_the_evidence_rises_and_the_fit_converges(problem, prior):
    fitted = fit(problem, ModelSpec(loading_prior=prior), start_of(problem), FitSettings())

    steps = np.diff(fitted.trace)
    assert fitted.converged
    assert fitted.trace[-1] == fitted.log_evidence
    assert steps.sum() > 10.0
    # pruning and the fixed points of hyper-parameters may cost a little now and then
    assert steps.min() > -1e-5 * abs(fitted.log_evidence)
    assert np.abs(steps[-2:]).max() <= 1e-6 * abs(fitted.log_evidence)


def test_the_evidence_of_an_unfinished_fit_with_too_many_factors_is_a_lower_bound(problem, prior):
    # starts are compared after a few iterations
    trace = fit(problem, ModelSpec(loading_prior=prior), start_of(problem, 8), FitSettings(max_iter=40)).trace

    assert np.diff(trace).min() > -1e-4 * abs(trace[-1])
    assert max(trace) <= trace[-1] + 1e-4 * abs(trace[-1])


def test_scores_belong_to_the_loadings_and_noise_of_their_iteration(problem, cohort, prior):
    truth = torch.as_tensor(cohort.truth.scores.to_numpy())
    start = Initialisation(name="truth", scores=truth / truth.square().mean(0).sqrt(), omega=10.0)

    state = fit(problem, ModelSpec(loading_prior=prior), start, FitSettings(max_iter=1)).state

    # the noise falls several times in the first iteration, which must not inflate the scores
    assert ((state.scores.mean_square() > 0.5) & (state.scores.mean_square() < 1.2)).all()


def test_noise_and_looseness_of_the_loadings_are_recovered(cohort, problem, prior):
    fitted = fit(problem, ModelSpec(loading_prior=prior), start_of(problem), FitSettings())

    for name, noise in zip(VIEWS, fitted.state.noise, strict=True):
        assert float(noise.sd.mean()) == pytest.approx(cohort.truth.noise[name].mean(), rel=0.05)
    for omega in fitted.state.omega:
        if prior == "strict":
            assert torch.isinf(omega).all()
        else:
            # the scores have mean square 1 only nearly, and the truth is 0.3 ** -2
            torch.testing.assert_close(omega.log(), torch.full((3,), math.log(0.3**-2)).double(), atol=0.6, rtol=0)


def test_an_unfinished_fit_goes_on_as_if_it_had_never_stopped(problem, prior):
    spec = ModelSpec(loading_prior=prior)
    whole = fit(problem, spec, start_of(problem), FitSettings(max_iter=12, tol=0.0))

    first = fit(problem, spec, start_of(problem), FitSettings(max_iter=5, tol=0.0))
    both = fit(problem, spec, first, FitSettings(max_iter=12, tol=0.0))

    assert both.trace == whole.trace
    assert torch.equal(both.state.weights.mean, whole.state.weights.mean)
    assert not first.converged
    assert both.seconds > first.seconds


def test_iterations_are_reported(problem, prior):
    seen = []

    fitted = fit(
        problem, ModelSpec(loading_prior=prior), start_of(problem), SHORT, on_iteration=lambda *item: seen.append(item)
    )

    assert seen == list(enumerate(fitted.trace, start=1))


def test_a_fit_needs_an_iteration(problem, prior):
    with pytest.raises(ValueError, match="at least 1 iteration"):
        fit(problem, ModelSpec(loading_prior=prior), start_of(problem), FitSettings(max_iter=0))


@pytest.mark.parametrize("every", [1, 2], ids=["all features", "every second feature"])
def test_complete_data_written_as_incomplete_give_the_same_fit(problem, prior, every):
    spec = ModelSpec(loading_prior=prior)
    views = tuple(
        replace(
            view,
            observed=view.present.double()[:, None].expand(-1, view.n_features).clone(),
            incomplete=torch.arange(0, view.n_features, every),
        )
        for view in problem.views
    )
    assert all(view.observed is None for view in problem.views)

    one, other = (fit(item, spec, start_of(problem), SHORT) for item in (problem, replace(problem, views=views)))

    np.testing.assert_allclose(one.trace, other.trace, rtol=1e-9)
    torch.testing.assert_close(one.state.weights.mean, other.state.weights.mean, atol=1e-6, rtol=1e-6)
    torch.testing.assert_close(one.state.scores.mean, other.state.scores.mean, atol=1e-6, rtol=1e-6)


def test_missing_entries_cost_little(cohort, problem, prior):
    rng = np.random.default_rng(0)
    holes = []
    for view in problem.views:
        x = np.where(view.present[:, None], view.x, np.nan)
        holes.append((np.where(rng.random(x.shape) < 0.15, np.nan, x), view.sets.csr.toarray()))

    fitted = fit(make_problem(holes), ModelSpec(loading_prior=prior), start_of(problem), FitSettings(max_iter=60))

    assert np.nanmedian(activity_correlations(cohort, fitted)) > 0.85
    for name, noise in zip(VIEWS, fitted.state.noise, strict=True):
        assert float(noise.sd.mean()) == pytest.approx(cohort.truth.noise[name].mean(), rel=0.06)


def test_soft_can_start_at_the_strict_solution(problem):
    strict = fit(problem, ModelSpec(loading_prior="strict"), start_of(problem), SHORT)
    start = Initialisation(name="strict", scores=strict.state.scores.mean, omega=1e6)

    soft = fit(problem, ModelSpec(loading_prior="soft"), start, FitSettings(max_iter=1))

    for one, other in zip(strict.state.moments, soft.state.moments, strict=True):
        torch.testing.assert_close(other.mean, other.prior_mean, atol=1e-2, rtol=0)
        assert float((one.prior_mean - other.prior_mean).abs().mean()) < 0.15
    assert soft.spec.loading_prior is LoadingPrior.SOFT
