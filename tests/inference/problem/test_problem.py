"""The data of a fit as tensors."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from pathfa.inference.ends import Initialisation
from pathfa.inference.fit import fit
from pathfa.inference.problem.problem import compressed_problem, make_problem
from pathfa.inference.problem.view import make_view
from pathfa.inference.stopping import FitSettings
from pathfa.options import ModelSpec

X = np.array([[1.0, 2.0, 3.0], [4.0, np.nan, 6.0], [np.nan, np.nan, np.nan], [7.0, 8.0, 9.0]])
MASK = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 0.0]])


def test_a_view_with_a_missing_entry_and_an_absent_sample():
    view = make_view(X, MASK)

    assert view.present.tolist() == [True, True, False, True]
    np.testing.assert_array_equal(view.observed, np.isfinite(X))
    np.testing.assert_array_equal(view.x, np.nan_to_num(X))
    np.testing.assert_array_equal(view.sum_squares, np.nansum(X**2, axis=0))
    np.testing.assert_array_equal(view.n_observed, [3, 2, 3])
    assert view.annotated.tolist() == [0, 1]
    assert view.n_features == 3


def test_a_view_whose_present_samples_are_complete_needs_no_table_of_what_was_observed():
    view = make_view(X[[0, 2, 3]], MASK)

    assert view.observed is None
    np.testing.assert_array_equal(view.n_observed, [2, 2, 2])


def test_only_some_views_leaves_the_others_unmeasured():
    problem = make_problem([(X, MASK), (X[:, :2], MASK[:2])]).only([1])

    assert not problem.views[0].present.any()
    assert float(problem.views[0].n_observed.sum()) == 0.0
    assert problem.views[1].present.tolist() == [True, True, False, True]
    assert torch.equal(problem.views[1].x, torch.as_tensor(np.nan_to_num(X[:, :2])))


def test_levels_belong_to_their_views():
    problem = make_problem([(X, MASK), (X, MASK)], levels=[np.arange(3.0), np.ones(3)])

    assert problem.views[0].level.tolist() == [0.0, 1.0, 2.0]
    with pytest.raises(ValueError, match="shorter"):
        make_problem([(X, MASK), (X, MASK)], levels=[np.arange(3.0)])


@pytest.mark.parametrize(("factor", "unit"), [(1.0, 1.0), (1.3, 1.0), (0.75, 1.0), (8.0, 8.0), (1e-6, 2.0**-20)])
def test_the_unit_of_a_view_is_a_power_of_two_near_the_size_of_its_values(factor, unit):
    x = np.array([[1.0, -1.0], [np.nan, 1.0], [-1.0, np.nan]])

    assert make_view(x * factor, MASK[:2]).unit == unit
    assert make_view(np.zeros((3, 2)), MASK[:2]).unit == 1.0


@pytest.fixture(scope="module")
def known(make_known):
    return make_known(3, n=300, features=(25, 15), sets=5, factors=2)


def chunks(known, size=70):
    return [[x[start : start + size] for x in known.values] for start in range(0, 300, size)]


def test_pseudo_samples_hold_the_cross_products_and_stand_for_all_samples(known):
    problem = compressed_problem(chunks(known), known.masks)

    pseudo, x = torch.cat([view.x for view in problem.views], dim=1).numpy(), np.hstack(known.values)
    np.testing.assert_allclose(pseudo.T @ pseudo, x.T @ x, atol=1e-9)
    assert problem.n_rows <= 40
    assert problem.multiplicity == 300.0
    assert all((view.n_observed == 300).all() for view in problem.views)


def test_features_of_very_different_size_are_all_kept(known):
    x = [known.values[0] * 1e9, known.values[1] * 1e-3]

    problem = compressed_problem([x], known.masks)

    for view, values in zip(problem.views, x, strict=True):
        np.testing.assert_allclose(view.x.numpy().T @ view.x.numpy(), values.T @ values, rtol=1e-6)


def test_fewer_samples_than_features_give_as_many_pseudo_samples(make_known):
    known = make_known(3, n=10, features=(25,), sets=5)

    assert compressed_problem([known.values], known.masks).n_rows == 10


def test_levels_for_a_noise_trend_are_kept(known):
    levels = [np.linspace(1.0, 2.0, 25), np.linspace(3.0, 1.0, 15)]
    spec, settings = ModelSpec(loading_prior="strict", noise_trend=True), FitSettings(max_iter=3)
    start = Initialisation(
        name="s", scores=torch.randn(40, 2, generator=torch.Generator().manual_seed(0)).double(), omega=1.0
    )
    totals = []
    for given in (levels, None):
        problem = compressed_problem(chunks(known), known.masks, levels=given)
        assert all((a.level is None) == (given is None) for a in problem.views)
        totals.append(fit(problem, replace(spec, noise_trend=given is not None), start, settings).log_evidence)
    assert totals[0] != totals[1]


@pytest.mark.parametrize("prior", ["strict", "soft"])
def test_the_fit_is_that_of_all_samples(known, prior):
    spec = ModelSpec(loading_prior=prior, sample_quality="equal")  # pseudo-samples have no quality
    settings = FitSettings(max_iter=12, tol=0.0)
    small = compressed_problem(chunks(known), known.masks)
    # the same linear combinations of the features, so that both start at the same place
    to_scores = np.random.default_rng(0).standard_normal((40, 2)) / 10.0
    fits = []
    for item in (known.problem, small):
        x = torch.cat([view.x for view in item.views], dim=1)
        fits.append(
            fit(item, spec, Initialisation(name="s", scores=x @ torch.as_tensor(to_scores), omega=1.0), settings)
        )

    one, other = fits
    np.testing.assert_allclose(one.trace, other.trace, rtol=1e-9)
    torch.testing.assert_close(one.state.weights.mean, other.state.weights.mean, atol=1e-7, rtol=1e-7)
    for a, b in zip(one.state.moments, other.state.moments, strict=True):
        torch.testing.assert_close(a.mean, b.mean, atol=1e-7, rtol=1e-7)


def test_missing_entries_cannot_be_compressed(known):
    holed = [x.copy() for x in known.values]
    holed[0][0, 0] = np.nan

    with pytest.raises(ValueError, match="only complete samples"):
        compressed_problem([holed], known.masks)


def test_there_must_be_samples():
    with pytest.raises(ValueError, match="no samples"):
        compressed_problem([], [])
