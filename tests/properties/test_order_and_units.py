"""What must not change a fit: the order of views, samples, features and gene sets, how views are cut, and units."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
import torch

from pathfa.estimator import PathFA
from pathfa.inference.ends import Fit, Initialisation
from pathfa.inference.fit import fit
from pathfa.inference.problem.problem import make_problem
from pathfa.inference.stopping import FitSettings
from pathfa.inference.updates.initialisation import initial_scores
from pathfa.options import ModelSpec
from pathfa.simulation.cohort import SimulatedView, simulate
from pathfa.simulation.layout import gene_set_mask

VIEWS = {
    "rna": SimulatedView(n_features=60, missing=0.05),
    "protein": SimulatedView(n_features=40, absent=0.2),
}
SETTINGS = FitSettings(max_iter=12, tol=0.0)
# sums in another order differ in the last digits, and some iterations let these grow
TOLERANCE = {"atol": 1e-6, "rtol": 1e-6}


@dataclass(frozen=True, kw_only=True)
class Input:
    """What a fit reads."""

    views: tuple[tuple[np.ndarray, np.ndarray], ...]
    start: np.ndarray


@pytest.fixture(scope="module")
def cohort():
    return simulate(30, seed=1, views=VIEWS, gene_sets=8, set_size=(8, 12), factors=2)


@pytest.fixture(scope="module")
def given(cohort):
    samples = list(cohort.truth.scores.index)
    views = []
    for name in VIEWS:
        values = cohort.mdata[name].to_df().reindex(samples)
        views.append((values.to_numpy(), gene_set_mask(values.columns, cohort.gene_sets)))
    start = np.random.default_rng(0).standard_normal((30, 2)) + cohort.truth.scores.to_numpy()
    return Input(views=tuple(views), start=start / np.sqrt((start**2).mean(axis=0)))


@pytest.fixture(params=["strict", "soft"])
def spec(request):
    return ModelSpec(loading_prior=request.param)


def fitted(given: Input, spec: ModelSpec, settings: FitSettings = SETTINGS) -> Fit:
    start = Initialisation(name="given", scores=torch.as_tensor(given.start.copy()), omega=1.0)
    return fit(make_problem(given.views), spec, start, settings)


def assert_same(one: Fit, other: Fit, *, samples=slice(None), gene_sets=slice(None)):
    """Assert that ``other`` is ``one`` with its samples and gene sets in another order."""
    np.testing.assert_allclose(one.trace, other.trace, rtol=1e-9)
    torch.testing.assert_close(one.state.scores.mean[samples], other.state.scores.mean, **TOLERANCE)
    torch.testing.assert_close(one.state.scores.variance[samples], other.state.scores.variance, **TOLERANCE)
    torch.testing.assert_close(one.state.weights.mean[gene_sets], other.state.weights.mean, **TOLERANCE)


def test_the_order_of_the_views_changes_nothing(given, spec):
    one, other = fitted(given, spec), fitted(replace(given, views=given.views[::-1]), spec)

    assert_same(one, other)
    for a, b in zip(one.state.moments, reversed(other.state.moments), strict=True):
        torch.testing.assert_close(a.mean, b.mean, **TOLERANCE)
    for a, b in zip(one.state.scale, reversed(other.state.scale), strict=True):
        torch.testing.assert_close(a, b, **TOLERANCE)


def test_the_order_of_the_samples_changes_nothing(given, spec):
    order = np.random.default_rng(1).permutation(30)
    moved = Input(views=tuple((x[order], mask) for x, mask in given.views), start=given.start[order])

    assert_same(fitted(given, spec), fitted(moved, spec), samples=torch.as_tensor(order))


def test_the_order_of_the_features_changes_nothing(given, spec):
    orders = [np.random.default_rng(2).permutation(x.shape[1]) for x, _ in given.views]
    views = tuple((x[:, order], mask[order]) for (x, mask), order in zip(given.views, orders, strict=True))

    one, other = fitted(given, spec), fitted(replace(given, views=views), spec)

    assert_same(one, other)
    for a, b, order in zip(one.state.moments, other.state.moments, orders, strict=True):
        torch.testing.assert_close(a.mean[torch.as_tensor(order)], b.mean, **TOLERANCE)


def test_the_order_of_the_gene_sets_changes_nothing(given, spec):
    order = np.random.default_rng(3).permutation(8)
    views = tuple((x, mask[:, order]) for x, mask in given.views)

    assert_same(fitted(given, spec), fitted(replace(given, views=views), spec), gene_sets=torch.as_tensor(order))


def test_the_order_of_the_factors_changes_nothing_with_all_of_the_curvature(given, spec):
    full = replace(spec, curvature="full")

    one, other = fitted(given, full), fitted(replace(given, start=given.start[:, ::-1].copy()), full)

    np.testing.assert_allclose(one.trace, other.trace, rtol=1e-9)
    torch.testing.assert_close(one.state.scores.mean.flip(1), other.state.scores.mean, **TOLERANCE)


@pytest.mark.parametrize("curvature", ["full", "factor"])
def test_a_view_that_is_cut_in_two_changes_nothing(given, curvature):
    # with fixed scales and noise per feature, strict views share nothing between their features
    spec = ModelSpec(loading_prior="strict", noise="feature", view_scale="fixed", curvature=curvature)
    (x, mask), protein = given.views
    cut = ((x[:, :25], mask[:25]), (x[:, 25:], mask[25:]), protein)

    # the starting noise of a feature leans on its view, so that only the ends of both fits are the same
    long = FitSettings(max_iter=80, tol=0.0)

    one, other = fitted(given, spec, long), fitted(replace(given, views=cut), spec, long)

    assert other.log_evidence == pytest.approx(one.log_evidence, abs=0.05)
    both = torch.cat([item.mean for item in other.state.moments[:2]])
    torch.testing.assert_close(one.state.moments[0].mean, both, atol=1e-2, rtol=0)
    torch.testing.assert_close(one.state.scores.mean, other.state.scores.mean, atol=1e-2, rtol=0)


def test_a_gene_set_without_measured_features_changes_nothing(given, spec):
    one = fitted(given, spec)

    empty = tuple((x, np.hstack([mask, np.zeros((len(mask), 1))])) for x, mask in given.views)
    with_empty = fitted(replace(given, views=empty), spec)

    np.testing.assert_allclose(one.trace, with_empty.trace, rtol=1e-9)
    torch.testing.assert_close(one.state.weights.mean, with_empty.state.weights.mean[:-1], **TOLERANCE)
    assert (with_empty.state.weights.mean[-1] == 0).all()


def model(**options):
    settings = {"n_factors": 2, "loading_prior": "soft", "n_starts": 2, "max_iter": 30, "progress": False}
    return PathFA(**{**settings, **options})


@pytest.fixture(scope="module")
def tables(cohort):
    return {name: cohort.mdata[name].to_df() for name in VIEWS}


@pytest.fixture(scope="module")
def result(cohort, tables):
    return model().fit(tables, cohort.gene_sets).result_


def test_the_units_of_the_features_change_nothing(cohort, tables, result):
    rng = np.random.default_rng(4)
    moved = {}
    for name, table in tables.items():
        factor, level = rng.uniform(0.5, 4.0, table.shape[1]), rng.uniform(-1.0, 1.0, table.shape[1])
        moved[name] = table * factor + level

    other = model().fit(moved, cohort.gene_sets).result_

    np.testing.assert_allclose(other.trace["log_evidence"], result.trace["log_evidence"], rtol=1e-8)
    pd.testing.assert_frame_equal(other.activity, result.activity, atol=1e-5, rtol=1e-5)
    for name in VIEWS:
        pd.testing.assert_frame_equal(other.loadings[name], result.loadings[name], atol=1e-5, rtol=1e-5)


def test_the_order_of_rows_and_columns_of_the_tables_changes_nothing(cohort, tables, result):
    rng = np.random.default_rng(5)
    moved = {name: tables[name].sample(frac=1.0, random_state=rng) for name in reversed(tables)}
    moved = {name: table.sample(frac=1.0, random_state=rng, axis=1) for name, table in moved.items()}

    other = model().fit(moved, cohort.gene_sets).result_

    assert other.log_evidence == pytest.approx(result.log_evidence, rel=1e-6)
    activity = other.activity.loc[result.activity.index, result.activity.columns]
    pd.testing.assert_frame_equal(activity, result.activity, atol=1e-2, rtol=1e-2)


def test_the_same_seed_gives_the_same_result_bit_for_bit(cohort, tables):
    one, other = (model(n_factors="auto", max_factors=4).fit(tables, cohort.gene_sets).result_ for _ in range(2))

    pd.testing.assert_frame_equal(one.activity, other.activity, check_exact=True)
    pd.testing.assert_frame_equal(one.gene_set_weights, other.gene_set_weights, check_exact=True)
    for name in VIEWS:
        pd.testing.assert_frame_equal(one.loadings[name], other.loadings[name], check_exact=True)
    pd.testing.assert_frame_equal(one.trace, other.trace, check_exact=True)
    draws = [item.sample_posterior(5, seed=3) for item in (one, other)]
    np.testing.assert_array_equal(*draws)


@pytest.mark.parametrize("unit", [1e6, 1e-6])
@pytest.mark.parametrize("name", ["activities", "pca"])
def test_the_unit_of_the_values_changes_only_the_constant_of_the_evidence(given, spec, name, unit):
    fits = []
    for factor in (1.0, unit):
        problem = make_problem([(x * factor, mask) for x, mask in given.views])
        start = Initialisation(name=name, scores=initial_scores(problem, name, 2, seed=0), omega=1.0)
        fits.append(fit(problem, spec, start, FitSettings(max_iter=60)))

    one, other = fits
    assert one.state.weights.n_active > 0
    assert other.log_evidence + one.problem.n_values * math.log(unit) == pytest.approx(one.log_evidence, abs=0.05)
    assert other.state.weights.n_active == one.state.weights.n_active
