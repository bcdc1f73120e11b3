"""Pseudo-samples that stand for many samples."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pathfa.core.side_by_side import threads
from pathfa.inference.ends import Initialisation
from pathfa.inference.fit import fit
from pathfa.inference.problem.compressed import compressed_problem
from pathfa.inference.problem.problem import Problem, make_problem
from pathfa.inference.stopping import FitSettings
from pathfa.options import ModelSpec


@pytest.fixture(scope="module")
def known(make_known):
    return make_known(3, n=300, features=(25, 15), sets=5, factors=2)


def chunks(values, size=70):
    return [[x[start : start + size] for x in values] for start in range(0, len(values[0]), size)]


def cross_products(problem: Problem) -> np.ndarray:
    pseudo = torch.cat([view.x for view in problem.views], dim=1).numpy()
    return pseudo.T @ pseudo


def test_pseudo_samples_hold_the_cross_products_and_stand_for_all_samples(known):
    problem = compressed_problem(chunks(known.values), known.masks)

    x = np.hstack(known.values)
    np.testing.assert_allclose(cross_products(problem), x.T @ x, atol=1e-9)
    assert problem.n_rows <= 40
    assert float(problem.multiplicity.sum()) == pytest.approx(300.0, rel=1e-12)
    assert not problem.of_samples
    assert all(view.n_observed.numpy() == pytest.approx(300.0, rel=1e-12) for view in problem.views)


def test_samples_in_single_precision_lose_little_in_their_cross_products():
    rng = np.random.default_rng(0)
    x = (rng.standard_normal((6000, 3)) @ rng.standard_normal((3, 300)) + rng.standard_normal((6000, 300))) * 1e3
    single, mask = x.astype(np.float32), np.ones((300, 1))

    found = cross_products(compressed_problem(chunks([single], 500), [mask]))

    exact, size = single.astype(np.float64).T @ single, np.square(single, dtype=np.float64).sum(axis=0)
    np.testing.assert_allclose(found.diagonal(), size, rtol=1e-9)
    assert np.abs((found - exact) / np.sqrt(np.outer(size, size))).max() < 3e-7


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_threads_change_no_bit_of_the_cross_products(dtype):
    x = np.random.default_rng(0).standard_normal((1500, 700)).astype(dtype)
    one, several = (_compressed_by(number, x) for number in (1, 3))
    np.testing.assert_array_equal(one, several)


def _compressed_by(number: int, x: np.ndarray) -> np.ndarray:
    with threads(number):
        return compressed_problem(chunks([x], 400), [np.ones((x.shape[1], 1))]).views[0].x.numpy()


def test_features_of_very_different_size_are_all_kept(known):
    x = [known.values[0] * 1e9, known.values[1] * 1e-3]

    problem = compressed_problem([x], known.masks)

    for view, values in zip(problem.views, x, strict=True):
        np.testing.assert_allclose(view.x.numpy().T @ view.x.numpy(), values.T @ values, rtol=1e-6)


def test_features_that_depend_on_one_another_need_fewer_rows(known):
    twice = [np.hstack([x, x[:, :4]]) for x in known.values]
    masks = [np.vstack([mask, mask[:4]]) for mask in known.masks]

    problem = compressed_problem(chunks(twice), masks)

    assert problem.n_rows == 40
    np.testing.assert_allclose(cross_products(problem), np.hstack(twice).T @ np.hstack(twice), atol=1e-8)


def test_fewer_samples_than_features_stay_as_they_are(make_known):
    known = make_known(3, n=10, features=(25,), sets=5)

    problem = compressed_problem(chunks(known.values, 4), known.masks)

    np.testing.assert_array_equal(problem.views[0].x, known.values[0])
    assert problem.of_samples


def test_levels_for_a_noise_trend_are_kept(known):
    levels = [np.linspace(1.0, 2.0, 25), np.linspace(3.0, 1.0, 15)]
    spec, stop = ModelSpec(loading_prior="strict", noise_trend=True), FitSettings(max_iter=3)
    scores = torch.randn(40, 2, generator=torch.Generator().manual_seed(0)).double()
    totals = []
    for given_levels in (levels, None):
        problem = compressed_problem(chunks(known.values), known.masks, levels=given_levels)
        assert all((view.level is None) == (given_levels is None) for view in problem.views)
        start = Initialisation(name="s", scores=scores, omega=1.0)
        trend = replace(spec, noise_trend=given_levels is not None)
        totals.append(fit(problem, trend, start, stop).log_evidence)
    assert totals[0] != totals[1]


def fitted(problem: Problem, to_scores: np.ndarray, n_iter: int, **model: str):
    """Return a fit from the same linear combinations of the features, whatever the rows are."""
    spec = ModelSpec(sample_quality="equal", **model)  # pseudo-samples have no quality
    x = torch.cat([view.x for view in problem.views], dim=1)
    start = Initialisation(name="s", scores=x @ torch.as_tensor(to_scores), omega=1.0)
    return fit(problem, spec, start, FitSettings(max_iter=n_iter, tol=1e-300))


def assert_equal_fits(one, other):
    assert one.trace == pytest.approx(other.trace, rel=1e-8)
    torch.testing.assert_close(one.state.weights.mean, other.state.weights.mean, atol=1e-7, rtol=1e-7)
    for a, b, noise, its in zip(
        one.state.moments, other.state.moments, one.state.noise, other.state.noise, strict=True
    ):
        torch.testing.assert_close(a.mean, b.mean, atol=1e-7, rtol=1e-7)
        torch.testing.assert_close(noise.precision, its.precision, atol=0.0, rtol=1e-7)


@pytest.mark.parametrize("prior", ["strict", "soft"])
@pytest.mark.parametrize("absent", [False, True])
def test_the_fit_is_that_of_all_samples(make_known, prior, absent):
    known = make_known(3, n=300, features=(25, 15), sets=5, factors=2, absent=absent)
    small, to_scores = (
        compressed_problem(chunks(known.values), known.masks),
        np.random.default_rng(0).normal(size=(40, 2)),
    )

    assert small.n_rows == 40 + 25 * absent
    one, other = (fitted(item, to_scores / 10.0, 12, loading_prior=prior) for item in (known.problem, small))
    assert_equal_fits(one, other)


@settings(max_examples=20, derandomize=True)
@given(
    sizes=st.lists(st.integers(1, 12), min_size=1, max_size=3),
    patterns=st.lists(st.tuples(st.integers(0, 7), st.integers(1, 60)), min_size=1, max_size=4),
    prior=st.sampled_from(["strict", "soft"]),
    noise=st.sampled_from(["feature", "view"]),
    seed=st.integers(0, 99),
)
def test_whatever_views_samples_have_the_fit_is_that_of_all_samples(sizes, patterns, prior, noise, seed):
    """Patterns are (views as bits, samples): more or fewer than features, one feature, no view at all."""
    rng, n = np.random.default_rng(seed), 20 + sum(times for _, times in patterns)
    scores, order = rng.standard_normal((n, 2)), rng.permutation(n)
    values, masks, start = [], [], 20  # twenty samples have every view
    for size in sizes:
        values.append(scores @ rng.standard_normal((2, size)) + rng.standard_normal((n, size)))
        masks.append(rng.uniform(size=(size, 4)))  # no two sets are alike, so that none is chosen by rounding
    for bits, times in patterns:
        for position, x in enumerate(values):
            if not bits >> position & 1:
                x[order[start : start + times]] = np.nan
        start += times
    to_scores = rng.standard_normal((sum(sizes), 1 + (sum(sizes) > 5)))
    every, few = make_problem(list(zip(values, masks, strict=True))), compressed_problem(chunks(values, 37), masks)

    assert few.n_rows <= every.n_rows
    assert few.n_values == pytest.approx(every.n_values, rel=1e-12)
    assert_equal_fits(*(fitted(item, to_scores, 3, loading_prior=prior, noise=noise) for item in (every, few)))


def test_a_sample_with_a_part_of_a_view_cannot_be_compressed(known):
    holed = [x.copy() for x in known.values]
    holed[0][0, 0] = np.nan

    with pytest.raises(ValueError, match="only samples with all values"):
        compressed_problem([holed], known.masks)


def test_there_must_be_samples():
    with pytest.raises(ValueError, match="no samples"):
        compressed_problem([], [])
