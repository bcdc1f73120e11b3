"""Scores of new samples from any subset of the views."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from pathfa.inference.ends import Initialisation
from pathfa.inference.fit import fit
from pathfa.inference.loadings.posterior import loading_posterior
from pathfa.inference.posterior.calibration import LeaveOneOut, ScoreMap, calibrate, ridge_map
from pathfa.inference.posterior.project import predict_view, project
from pathfa.inference.posterior.view_loadings import ViewLoadings, view_loadings
from pathfa.inference.problem.problem import make_problem
from pathfa.inference.stopping import FitSettings
from pathfa.inference.updates.initialisation import initial_scores
from pathfa.inference.updates.scores import ScorePosterior
from pathfa.options import ModelSpec
from pathfa.simulation.cohort import SimulatedView, simulate

F64 = torch.float64
N_TRAIN = 70
VIEWS = {"rna": SimulatedView(n_features=120, noise_sd=2.0), "protein": SimulatedView(n_features=50, noise_sd=2.0)}


@pytest.fixture(scope="module", params=["soft", "strict"])
def everyone(cohort_problem, request):
    cohort = simulate(
        N_TRAIN + 200,
        seed=5,
        views=VIEWS,
        gene_sets=12,
        set_size=(10, 20),
        factors=3,
        loading_prior=request.param,
    )
    return request.param, cohort_problem(cohort)


@pytest.fixture(scope="module")
def train(everyone, take_rows):
    return take_rows(everyone[1], range(N_TRAIN))


@pytest.fixture(scope="module")
def test(everyone, take_rows):
    return take_rows(everyone[1], range(N_TRAIN, N_TRAIN + 200))


@pytest.fixture(scope="module")
def fitted(everyone, train):
    start = Initialisation(name="a", scores=initial_scores(train, "activities", 3, 0), omega=1.0)
    return fit(train, ModelSpec(loading_prior=everyone[0]), start, FitSettings(tol=1e-8))


@pytest.fixture(scope="module")
def loadings(train, fitted):
    return view_loadings(train, fitted)


@pytest.fixture(scope="module")
def calibration(train, fitted, loadings):
    return calibrate(train, loadings, fitted)


@pytest.fixture(scope="module")
def unseen(loadings):
    return [item.unseen() for item in loadings]


def test_training_samples_get_the_scores_of_the_fit(train, fitted, loadings, calibration):
    projected = project(train, loadings, calibration)

    torch.testing.assert_close(projected.mean, fitted.state.scores.mean, atol=2e-3, rtol=0)
    torch.testing.assert_close(projected.variance, fitted.state.scores.variance, atol=1e-3, rtol=0)


def test_there_is_a_map_for_every_subset(calibration):
    assert set(calibration) == {(True, False), (False, True), (True, True)}


def coverage(truth, mean, variance):
    return float(((truth - mean).abs() < 1.96 * variance.sqrt()).double().mean())


def test_a_view_that_was_held_out_is_predicted_with_calibrated_intervals(test, loadings, unseen, calibration):
    rna = project(test.only([0]), unseen, calibration)

    mean, variance = predict_view(rna, loadings[1])
    variance = variance + 1.0 / loadings[1].noise_precision

    truth = test.views[1].x
    assert 0.93 < coverage(truth, mean, variance) < 0.97
    assert float((truth - mean).square().sum() / truth.square().sum()) < 0.95


@pytest.mark.parametrize("view", [0, 1])
def test_scores_from_one_view_cover_those_of_all_views(test, unseen, calibration, view):
    every, some = project(test, unseen, calibration), project(test.only([view]), unseen, calibration)

    assert 0.90 < coverage(every.mean, some.mean, some.variance) <= 1.0
    assert (some.variance.mean(0) > every.variance.mean(0)).all()
    correlation = [float(torch.corrcoef(torch.stack([every.mean[:, k], some.mean[:, k]]))[0, 1]) for k in range(3)]
    assert min(correlation) > 0.5


def test_each_sample_of_a_mixed_batch_is_scored_by_its_own_views(test, unseen, calibration, take_rows):
    rows = [0, 1, 2]
    batch = take_rows(test, [*rows, *rows])
    present = torch.tensor([True] * 3 + [False] * 3)
    views = (batch.views[0], replace(batch.views[1], present=present, x=batch.views[1].x * present[:, None]))

    mixed = project(replace(batch, views=views), unseen, calibration)

    whole = project(take_rows(test, rows), unseen, calibration)
    single = project(take_rows(test, rows).only([0]), unseen, calibration)
    torch.testing.assert_close(mixed.mean, torch.cat([whole.mean, single.mean]))
    torch.testing.assert_close(mixed.variance, torch.cat([whole.variance, single.variance]))


def test_a_prediction_has_the_moments_of_draws():
    scores = ScorePosterior(
        mean=torch.tensor([[1.0, -0.5], [0.2, 2.0]], dtype=F64),
        cov=torch.tensor([[[0.3, 0.1], [0.1, 0.2]]], dtype=F64),
        pattern=torch.zeros(2, dtype=torch.int64),
        log_det=0.0,
        multiplicity=torch.ones(2, dtype=F64),
    )
    view = ViewLoadings(
        mean=torch.tensor([[1.0, 0.5], [-0.3, 0.8], [0.0, 0.0]], dtype=F64),
        cov=torch.tensor([[0.2, 0.05], [0.05, 0.1]], dtype=F64).expand(3, -1, -1),
        noise_precision=torch.tensor([1.0, 4.0, 2.0], dtype=F64),
    )

    mean, variance = predict_view(scores, view)

    generator = torch.Generator().manual_seed(0)
    n = 40000
    z = scores.mean + torch.randn(n, 2, 2, dtype=F64, generator=generator) @ torch.linalg.cholesky(scores.cov[0]).T
    w = view.mean + torch.randn(n, 3, 2, dtype=F64, generator=generator) @ torch.linalg.cholesky(view.cov[0]).T
    x = z @ w.mT
    torch.testing.assert_close(x.mean(0), mean, atol=0.03, rtol=0)
    torch.testing.assert_close(x.var(0), variance, rtol=0.04, atol=0)


def test_a_sample_is_left_out_as_if_it_had_not_been_there(train, fitted, take_rows):
    left_out = LeaveOneOut(train, fitted)(4)

    state, others = fitted.state, [row for row in range(N_TRAIN) if row != 4]
    rest = take_rows(train, others)
    scores = ScorePosterior(
        mean=state.scores.mean[others],
        cov=state.scores.cov,
        pattern=state.scores.pattern[others],
        log_det=0.0,
        multiplicity=torch.ones(len(others), dtype=F64),
    )
    for position, view in enumerate(rest.views):
        posterior = loading_posterior(
            view, state.noise[position].precision, scores.second(view), scores.cross(view), state.omega[position]
        )
        expected = posterior.moments(state.moments[position].prior_mean, None)
        torch.testing.assert_close(left_out[position], expected.mean, rtol=1e-7, atol=1e-8)


def test_the_map_is_the_regression_that_the_data_follow():
    rng = np.random.default_rng(0)
    x = torch.as_tensor(rng.standard_normal((400, 2)))
    truth = torch.tensor([[0.8, 0.3], [-0.2, 0.5]], dtype=F64)
    y = x @ truth + 0.3 * torch.as_tensor(rng.standard_normal((400, 2)))

    by, cov = ridge_map(x, y)

    torch.testing.assert_close(by, truth, atol=0.06, rtol=0)
    torch.testing.assert_close(cov, 0.09 * torch.eye(2, dtype=F64), atol=0.02, rtol=0)


def test_few_samples_give_no_map(train, fitted, loadings, take_rows):
    assert calibrate(take_rows(train, range(7)), loadings) == {}


def test_a_single_view_has_a_map_to_itself(train, loadings, take_rows):
    one = take_rows(train, range(20))

    found = calibrate(replace(one, views=one.views[:1]), loadings[:1])

    assert set(found) == {(True,)}
    torch.testing.assert_close(found[(True,)].map, torch.eye(3, dtype=F64))


def part(problem, share, seed=0):
    """Return the problem with a random share of the features of every sample, each sample its own."""
    generator = torch.Generator().manual_seed(seed)
    views = []
    for view in problem.views:
        seen = torch.rand(view.x.shape, dtype=F64, generator=generator) < share
        values = torch.where(seen & view.present[:, None], view.x, torch.full_like(view.x, torch.nan))
        views.append((values.numpy(), view.sets.csr.toarray()))
    return make_problem([(values, csr_matrix(mask)) for values, mask in views])


@pytest.mark.parametrize("views", [[0], [1], [0, 1]])
@pytest.mark.parametrize("share", [0.5, 0.1, 0.03])
def test_samples_that_lack_features_are_as_uncertain_as_they_are_wrong(test, unseen, calibration, views, share):
    whole = project(test.only(views), unseen, calibration)

    some = project(part(test, share).only(views), unseen, calibration)

    every = project(test, unseen, calibration)
    assert (some.variance >= whole.variance - 1e-9).all()
    assert 0.90 < coverage(every.mean, some.mean, some.variance - every.variance) < 0.99


def test_a_sample_without_any_feature_has_the_prior_of_the_scores(calibration):
    nothing = torch.eye(3, dtype=F64)[None]

    by, cov = calibration[(True, True)](nothing)

    assert float(cov.diagonal(dim1=-2, dim2=-1).min()) > 0.99
    assert by.abs().max() <= 1.0 + 1e-9


@given(inflation=st.floats(1.0, 100.0), lost=st.floats(0.0, 0.9))
def test_correlated_residuals_widen_what_is_not_known_and_never_beyond_the_prior(inflation, lost):
    eye = torch.eye(2, dtype=F64)
    seen = 0.1 * eye

    by, cov = ScoreMap(map=eye, cov=seen, seen=seen, inflation=inflation)((seen + lost * eye)[None])

    assert lost - 1e-4 <= float(cov[0, 0, 0]) - 0.1 <= 0.9 + 1e-4
    # what the mean of the samples varies by and what is not known of it add up to the prior where c is true
    assert float(by[0, 0, 0]) <= 1.0 + 1e-9


def test_many_samples_are_not_left_out_one_by_one(train, fitted, loadings, calibration):
    without = calibrate(train, loadings)

    assert set(without) == set(calibration)
    for subset, item in calibration.items():
        # left in, samples look a little surer than they are
        assert float(without[subset].cov.trace()) <= 1.1 * float(item.cov.trace())
