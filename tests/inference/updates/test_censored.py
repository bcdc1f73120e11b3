"""Values below the detection limit of their feature."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import stats

from pathfa.inference.ends import Initialisation
from pathfa.inference.fit import fit
from pathfa.inference.problem.problem import make_problem, with_limits
from pathfa.inference.stopping import FitSettings
from pathfa.inference.updates.censored import fill_censored
from pathfa.options import ModelSpec

X = np.array([[3.0, 0.5], [np.nan, 2.0], [1.0, np.nan], [np.nan, np.nan]])
SCORES = torch.tensor([[1.0], [-0.5], [0.3], [2.0]], dtype=torch.float64)
LOADINGS = torch.tensor([[2.0], [-1.0]], dtype=torch.float64)
PRECISION = torch.tensor([4.0, 1.0], dtype=torch.float64)


@pytest.fixture
def problem():
    return with_limits(make_problem([(X, np.ones((2, 1))), (X, np.ones((2, 1)))]), [True, False])


def filled(problem):
    return fill_censored(problem, SCORES, [LOADINGS, LOADINGS], [PRECISION, PRECISION])


def below(row, feature, limit):
    """Return the distribution of a value that is known to be below a limit."""
    mean, sd = float(SCORES[row] @ LOADINGS[feature]), float(PRECISION[feature]) ** -0.5
    return stats.truncnorm(-40.0, (limit - mean) / sd, loc=mean, scale=sd)


def test_limits_are_the_smallest_observed_values(problem):
    assert problem.views[0].limit.tolist() == [1.0, 0.5]
    assert problem.views[1].limit is None


def test_missing_entries_take_the_mean_of_a_truncated_gaussian(problem):
    view = filled(problem)[0].views[0]

    assert float(view.x[1, 0]) == pytest.approx(below(1, 0, 1.0).mean())
    assert float(view.x[2, 1]) == pytest.approx(below(2, 1, 0.5).mean())
    assert (view.x[[0, 0, 1, 2], [0, 1, 1, 0]] == torch.tensor([3.0, 0.5, 2.0, 1.0]).double()).all()
    assert view.x[3].tolist() == [0.0, 0.0]  # not measured at all


def test_their_variance_counts_in_the_sums_of_squares(problem):
    view = filled(problem)[0].views[0]

    expected = [9.0 + 1.0 + below(1, 0, 1.0).moment(2), 0.25 + 4.0 + below(2, 1, 0.5).moment(2)]
    np.testing.assert_allclose(view.sum_squares, expected)
    assert view.n_observed.tolist() == [3.0, 3.0]
    assert view.observed is None


@pytest.mark.parametrize("far", [1e3, 1e5, 1e7])
def test_values_far_above_their_limit_end_just_below_it(far):
    x = np.array([[0.0, 1.0], [np.nan, 1.0], [0.5, 1.0]])
    problem = with_limits(make_problem([(x, np.ones((2, 1)))]), [True])
    scores = torch.tensor([[0.0], [far], [0.0]], dtype=torch.float64)
    one = torch.ones(2, dtype=torch.float64)

    values, entropy = fill_censored(problem, scores, [one[:, None]], [one])

    # the tail is an exponential distribution with this rate
    assert float(values.views[0].x[1, 0]) == pytest.approx(-1.0 / far, abs=1e-8)
    assert float(values.views[0].sum_squares[0]) == pytest.approx(0.25, abs=1e-5)
    assert entropy == pytest.approx(1.0 - math.log(far), abs=0.05)


def test_the_entropy_is_that_of_truncated_gaussians(problem):
    assert filled(problem)[1] == pytest.approx(float(below(1, 0, 1.0).entropy() + below(2, 1, 0.5).entropy()))


def test_views_without_limits_stay_as_they_are(problem):
    assert filled(problem)[0].views[1] is problem.views[1]


def test_a_complete_view_has_no_limits():
    problem = with_limits(make_problem([(X[:1], np.ones((2, 1)))]), [True])

    assert problem.views[0].limit is None


@pytest.fixture(scope="module")
def censored(make_known):
    """Return a cohort whose lowest quarter of each feature is missing."""
    known = make_known(0, n=80, features=(60,), sets=4, factors=2, omega=math.inf, noise_sd=0.6)
    x = known.values[0]
    return known, make_problem([(np.where(x < np.quantile(x, 0.25, axis=0), np.nan, x), known.masks[0])])


def slope(known, problem):
    start = Initialisation(name="truth", scores=known.scores, omega=1.0)
    fitted = fit(problem, ModelSpec(loading_prior="strict"), start, FitSettings(max_iter=60))
    scale = fitted.state.scores.mean_square().sqrt()
    found, truth = (fitted.state.moments[0].mean * scale).numpy().ravel(), known.loadings[0].numpy().ravel()
    return float(found @ truth / (truth @ truth)), fitted


def test_censoring_that_is_known_takes_the_bias_from_the_loadings(censored):
    known, problem = censored

    at_random, aware = slope(known, problem)[0], slope(known, with_limits(problem, [True]))[0]

    assert at_random < 0.9
    assert abs(aware - 1.0) < 0.5 * abs(at_random - 1.0)


def test_the_evidence_of_a_censored_fit_rises_and_has_its_own_term(censored):
    known, problem = censored

    fitted = slope(known, with_limits(problem, [True]))[1]

    steps = np.diff(fitted.trace[1:])  # the first iteration leaves missing entries out
    assert steps.min() > -1e-4 * abs(fitted.log_evidence)
    assert fitted.terms.censoring != 0.0
    assert slope(known, problem)[1].terms.censoring == 0.0


def test_a_feature_without_a_limit_stays_missing(problem):
    unlimited = replace(problem.views[0], limit=torch.tensor([1.0, math.inf], dtype=torch.float64))
    view = filled(replace(problem, views=(unlimited, problem.views[1])))[0].views[0]

    assert view.observed[:3].tolist() == [[1.0, 1.0], [1.0, 1.0], [1.0, 0.0]]
    assert view.n_observed.tolist() == [3.0, 2.0]
    assert float(view.x[2, 1]) == 0.0
    assert float(view.sum_squares[1]) == 0.25 + 4.0
