"""Where fits start."""

import warnings

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pathfa.inference.problem.problem import make_problem
from pathfa.inference.updates.initialisation import (
    INITIALISATIONS,
    initial_scores,
    plan_initialisations,
    ridge_activities,
    varimax,
)
from pathfa.simulation.cohort import SimulatedView, simulate


@pytest.fixture(scope="module")
def cohort():
    views = {"rna": SimulatedView(), "protein": SimulatedView(n_features=150, absent=0.2, missing=0.1)}
    return simulate(40, seed=2, views=views, gene_sets=12, factors=3, loading_prior="strict")


@pytest.fixture(scope="module")
def problem(cohort, cohort_problem):
    return cohort_problem(cohort)


@pytest.mark.parametrize("name", INITIALISATIONS)
@pytest.mark.parametrize("size", [1, 3, 14, 45])
def test_scores_have_mean_square_one_whatever_their_number(problem, name, size):
    scores = initial_scores(problem, name, size, seed=0)

    assert scores.shape == (40, size)
    torch.testing.assert_close(scores.square().mean(0), torch.ones(size, dtype=torch.float64))


@pytest.mark.parametrize("name", INITIALISATIONS)
def test_the_same_seed_gives_the_same_start(problem, name):
    assert torch.equal(initial_scores(problem, name, 3, seed=5), initial_scores(problem, name, 3, seed=5))


def test_random_starts_differ_between_seeds(problem):
    assert not torch.equal(initial_scores(problem, "random", 3, seed=5), initial_scores(problem, "random", 3, seed=6))


@pytest.mark.parametrize("name", ["activities", "pca"])
def test_starts_point_at_the_true_factors(cohort, problem, name):
    scores = initial_scores(problem, name, 3, seed=0)

    truth = cohort.truth.scores.to_numpy()
    correlation = np.corrcoef(truth.T, scores.numpy().T)[:3, 3:]
    # with their sign: gene sets load positively
    assert (correlation.max(axis=1) > 0.6).all()


@settings(max_examples=40, derandomize=True)
@given(
    n_samples=st.integers(2, 12),
    n_distinct=st.integers(1, 12),
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=5),
    n_factors=st.integers(1, 8),
    name=st.sampled_from(["activities", "clusters"]),
    seed=st.integers(0, 100),
)
def test_equal_gene_sets_and_equal_samples_leave_fewer_directions_than_factors(
    n_samples, n_distinct, sizes, n_factors, name, seed
):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n_distinct, 6 * len(sizes)))[np.arange(n_samples) % n_distinct]
    mask = np.repeat(np.kron(np.eye(len(sizes)), np.ones((6, 1))), sizes, axis=1)  # so many times the same set
    problem = make_problem([(values, sp.csr_matrix(mask))])

    with warnings.catch_warnings():
        warnings.simplefilter("error")  # such as of fewer clusters than asked for
        scores = initial_scores(problem, name, n_factors, seed)

    assert scores.shape == (n_samples, n_factors)
    torch.testing.assert_close(scores.square().mean(0), torch.ones(n_factors, dtype=torch.float64))


def test_an_unknown_initialisation_is_refused(problem):
    with pytest.raises(ValueError, match="initialisation is 'svd'; expected one of"):
        initial_scores(problem, "svd", 3, seed=0)


def test_ridge_activities_are_the_regression_on_the_measured_views(problem):
    activity = ridge_activities(problem, ridge=2.0)

    for row in (0, 5, 39):
        least = min(view.unit for view in problem.views)
        gram, linear = 2.0 / least**2 * np.eye(12), np.zeros(12)
        for view in problem.views:
            if view.present[row]:
                weight = float(view.n_observed.sum() / view.sum_squares.sum())
                mask = view.sets.csr.toarray()
                gram += weight * mask.T @ mask
                linear += weight * mask.T @ view.x[row].numpy()
        np.testing.assert_allclose(activity[row], np.linalg.solve(gram, linear), rtol=1e-8, atol=1e-10)


def test_activities_of_a_sample_without_any_view_are_zero(problem):
    x = np.vstack([np.ones((3, 4)), np.full((1, 4), np.nan)])

    activity = ridge_activities(make_problem([(x, np.ones((4, 2)))]))

    assert activity[3].tolist() == [0.0, 0.0]
    assert (activity[:3] > 0).all()


def test_varimax_undoes_a_rotation_of_a_simple_structure():
    rng = np.random.default_rng(0)
    simple = np.kron(np.eye(3), np.ones((8, 1))) + 0.02 * rng.standard_normal((24, 3))
    rotation = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    loadings = torch.as_tensor(simple @ rotation)

    found = varimax(loadings)

    torch.testing.assert_close(found.T @ found, torch.eye(3, dtype=torch.float64))
    rotated = (loadings @ found).abs().numpy()
    # up to sign and order every feature loads on one factor
    assert (np.sort(rotated, axis=1)[:, :2] < 0.12).all()
    assert sorted(np.bincount(rotated.argmax(axis=1)).tolist()) == [8, 8, 8]


def test_varimax_does_not_lower_its_criterion():
    loadings = torch.randn(50, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))

    def criterion(values):
        return float((values**2).var(0, unbiased=False).sum())

    assert criterion(loadings @ varimax(loadings)) > criterion(loadings)


def test_starts_are_planned_each_kind_once_and_with_seeds_of_their_own():
    names, seeds = zip(*plan_initialisations(6, 10), strict=True)

    assert names == ("activities", "pca", "clusters", "clusters", "clusters", "random")
    assert seeds == (10, 11, 12, 13, 14, 15)
    assert [name for name, _ in plan_initialisations(2, 0)] == ["activities", "pca"]
