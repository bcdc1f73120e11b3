"""Pseudo-samples that hold the cross products of many complete samples."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from pathfa.inference.fit import FitSettings, Start, fit
from pathfa.inference.problem.compress import compressed_problem, gram
from pathfa.options import ModelSpec


@pytest.fixture(scope="module")
def known(make_known):
    return make_known(3, n=300, features=(25, 15), sets=5, factors=2)


def chunks(known, size=70):
    return [[x[start : start + size] for x in known.values] for start in range(0, 300, size)]


def test_chunks_add_up_to_the_cross_products_of_all_samples(known):
    products, n = gram(chunks(known))

    x = np.hstack(known.values)
    np.testing.assert_allclose(products, x.T @ x)
    assert n == 300


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
    start = Start(name="s", scores=torch.randn(40, 2, generator=torch.Generator().manual_seed(0)).double(), omega=1.0)
    totals = []
    for given in (levels, None):
        problem = compressed_problem(chunks(known), known.masks, levels=given)
        assert all((a.level is None) == (given is None) for a in problem.views)
        totals.append(fit(problem, replace(spec, noise_trend=given is not None), start, settings).log_evidence)
    assert totals[0] != totals[1]


@pytest.mark.parametrize("prior", ["strict", "soft"])
def test_the_fit_is_that_of_all_samples(known, prior):
    spec, settings = ModelSpec(loading_prior=prior), FitSettings(max_iter=12, tol=0.0)
    small = compressed_problem(chunks(known), known.masks)
    # the same linear combinations of the features, so that both start at the same place
    to_scores = np.random.default_rng(0).standard_normal((40, 2)) / 10.0
    fits = []
    for item in (known.problem, small):
        x = torch.cat([view.x for view in item.views], dim=1)
        fits.append(fit(item, spec, Start(name="s", scores=x @ torch.as_tensor(to_scores), omega=1.0), settings))

    one, other = fits
    np.testing.assert_allclose(one.trace, other.trace, rtol=1e-9)
    torch.testing.assert_close(one.state.weights.mean, other.state.weights.mean, atol=1e-7, rtol=1e-7)
    for a, b in zip(one.state.moments, other.state.moments, strict=True):
        torch.testing.assert_close(a.mean, b.mean, atol=1e-7, rtol=1e-7)


def test_missing_entries_cannot_be_compressed(known):
    holed = [x.copy() for x in known.values]
    holed[0][0, 0] = np.nan

    with pytest.raises(ValueError, match="only complete samples"):
        gram([holed])


def test_there_must_be_samples():
    with pytest.raises(ValueError, match="no samples"):
        gram([])
