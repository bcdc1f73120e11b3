"""Outlying values: the rule is that of the densities, they are missing for all that follows, and the bound says so."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from pathfa.inference.problem.problem import make_problem
from pathfa.inference.updates.outlying import MOST_SHARE, find_outlying, outlying_entries, without

SD = 0.6


def made(n=60, g=80, share=0.01, size=8.0, seed=0, missing=0.0):
    """Return a view with known scores and loadings, and which of its values are off."""
    rng = np.random.default_rng(seed)
    z, w = rng.standard_normal((n, 2)), rng.normal(0.0, 0.6, (g, 2))
    off = rng.random((n, g)) < share
    x = z @ w.T + rng.normal(0.0, SD, (n, g)) + off * rng.choice([-size, size], (n, g))
    x[rng.random((n, g)) < missing] = np.nan
    problem = make_problem([(x, sp.csr_matrix((g, 1)))])
    precision = torch.full((g,), SD**-2, dtype=torch.float64)
    return problem, torch.as_tensor(z), torch.as_tensor(w), precision, off & np.isfinite(x)


@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("robust", [False, True])
def test_values_that_are_off_are_found_and_hardly_any_other(missing, robust):
    problem, z, w, precision, off = made(missing=missing)

    found = find_outlying(problem.views[0], z, w, precision, robust=robust).entries.numpy()

    assert found[off].mean() > 0.95
    assert found[~off].sum() <= 2
    assert not found[~(problem.views[0].seen.numpy() > 0).repeat(1 if missing else found.shape[1], 1)].any()


def test_gaussian_values_are_all_kept():
    for seed in range(10):
        problem, z, w, precision, _ = made(share=0.0, seed=seed)
        assert find_outlying(problem.views[0], z, w, precision) is None


def test_values_that_are_not_rare_are_no_exceptions():
    problem, z, w, precision, _ = made(share=3 * MOST_SHARE)

    assert find_outlying(problem.views[0], z, w, precision) is None


@settings(max_examples=20)
@given(share=st.floats(1e-4, 0.1), spread=st.floats(1.0, 100.0), seed=st.integers(0, 1000))
def test_a_value_is_outlying_where_that_is_more_probable(share, spread, seed):
    problem, z, w, precision, _ = made(n=12, g=15, share=0.1, seed=seed)
    x, expected = problem.views[0].x.numpy(), (z @ w.T).numpy()
    variance = w.square().sum(1).numpy() + SD**2
    far = np.log(share) + norm.logpdf(x, 0.0, np.sqrt(spread * variance))
    near = np.log1p(-share) + norm.logpdf(x, expected, SD)

    found = outlying_entries(problem.views[0], z, w, precision, share, spread).numpy()

    beyond = (x - expected) ** 2 > 6.0 * SD**2
    np.testing.assert_array_equal(found, (far > near) & beyond)


def test_they_are_missing_as_if_they_had_never_been_measured():
    problem, z, w, precision, _ = made(missing=0.1)
    found = find_outlying(problem.views[0], z, w, precision)

    left = without(problem, [found])

    x = problem.views[0].measured().numpy().copy()
    x[found.entries.numpy()] = np.nan
    expected, view = make_problem([(x, sp.csr_matrix((x.shape[1], 1)))]).views[0], left.views[0]
    for name in ("x", "observed", "present", "sum_squares", "n_observed", "incomplete"):
        torch.testing.assert_close(getattr(view, name), getattr(expected, name))
    assert left.n_values == problem.n_values - float(found.entries.sum())


def test_their_log_density_is_that_of_the_mixture():
    problem, z, w, precision, _ = made()
    found = find_outlying(problem.views[0], z, w, precision)

    x, chosen = problem.views[0].x.numpy(), found.entries.numpy()
    variance = np.broadcast_to(w.square().sum(1).numpy() + SD**2, x.shape)
    density = np.log(found.share) + norm.logpdf(x, 0.0, np.sqrt(found.spread * variance))
    expected = density[chosen].sum() + (~chosen).sum() * np.log1p(-found.share)
    assert without(problem, [found]).left_out == pytest.approx(expected)
    assert found.share == pytest.approx(chosen.mean())
