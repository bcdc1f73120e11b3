"""Factors are named by gene sets that stand out from random ones, else by genes."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

import pathfa as pf
from pathfa.core.names import readable
from pathfa.fit.names import over_others
from pathfa.result.judgement import LIMITS
from pathfa.result.summaries import selected

FIT = {"loading_prior": "soft", "n_starts": 1, "progress": False}


def sets_in_names(result):
    words = [word for name in result.factor_names for word in name.partition(" ")[2].split(" (")[0].split(" + ")]
    return [name for name in result.gene_set_names if readable(name) in words]


@pytest.mark.filterwarnings("ignore::pathfa.errors.FitWarning")
def test_factors_of_noise_that_were_asked_for_are_named_by_genes():
    """A gene set makes a factor of its own noise there; its members have nothing in common but that."""
    taken, names = 0, []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        genes = [f"G{i}" for i in range(300)]
        views = {view: pd.DataFrame(rng.normal(size=(40, 300)), columns=genes) for view in ("rna", "protein")}
        sets = {f"SET {p}": list(rng.choice(genes, 20, replace=False)) for p in range(20)}
        model = pf.PathFA(n_factors=4, **FIT).fit(views, sets)
        taken += int(selected(model.result_).to_numpy().sum())
        names += sets_in_names(model.result_)
    assert taken > 0
    assert len(names) <= 1


@pytest.mark.parametrize("prior", ["soft", "strict"])
def test_factors_are_named_by_the_sets_that_drive_them(prior):
    cohort = pf.simulate(n_samples=60, seed=3, factors=3, gene_sets=12, other_features=60)
    model = pf.PathFA(n_factors=3, **{**FIT, "loading_prior": prior}).fit(cohort.mdata, cohort.gene_sets)
    driving = cohort.truth.gene_set_weights.max(axis=1)
    found = sets_in_names(model.result_)
    assert len(found) >= 3
    assert (driving[found] > 0).all()


@pytest.mark.parametrize("n_samples", [2, 3, 4])
def test_factors_of_next_to_no_samples_are_named_by_genes(n_samples):
    simulated = pf.simulate(n_samples=n_samples, seed=1, factors=1)
    model = pf.PathFA(n_factors=1, n_starts=1, loading_prior="soft", progress=False)

    model.fit({view: item.to_df() for view, item in simulated.mdata.mod.items()}, simulated.gene_sets)

    assert len(model.factor_names_) == 1
    if n_samples < 4:  # nothing is left to compare with random sets
        assert not sets_in_names(model.result_)


@pytest.mark.parametrize("seed", [3, 4])
@pytest.mark.parametrize(("shift", "named"), [(0.4, False), (0.7, False), (3.0, True)])
def test_a_set_names_a_factor_only_where_its_members_load_more_than_the_others(shift, named, seed):
    """Members that go with a factor a little more than random ones: its strongest genes are others."""
    rng = np.random.default_rng(seed)
    genes = [f"G{i}" for i in range(1000)]
    sets = {f"SET {p}": genes[100 * p : 100 * (p + 1)] for p in range(5)}
    loadings = rng.normal(size=1000) + np.where(np.arange(1000) < 100, shift, 0.0)
    values = np.outer(rng.normal(size=80), loadings) + rng.normal(size=(80, 1000))
    result = pf.PathFA(n_factors=1, **FIT).fit({"rna": pd.DataFrame(values, columns=genes)}, sets).result_

    (factor,) = result.factor_names
    assert selected(result).loc["SET 0", factor]
    assert (readable("SET 0") in factor) == named
    squares = result.loadings["rna"][factor] ** 2
    for name in sets_in_names(result):
        inside = squares.index.isin(sets[name])
        assert squares[inside].mean() >= LIMITS["set-over-others"].caution * squares[~inside].mean()


@given(seed=st.integers(0, 10_000), n_sets=st.integers(1, 4), size=st.integers(3, 30), factor=st.floats(1.0, 100.0))
def test_members_load_more_than_others_by_the_ratio_of_their_mean_squares_in_every_view(seed, n_sets, size, factor):
    rng = np.random.default_rng(seed)
    inside = rng.random((size, n_sets)) < 0.5
    inside[:2] = [[True], [False]]
    table = pd.DataFrame(rng.normal(size=(size, 3)))
    masks = {view: csr_matrix(inside * rng.uniform(0.5, 2.0, inside.shape)) for view in ("rna", "protein")}
    loadings = {"rna": table, "protein": factor * table}
    explained = pd.DataFrame(rng.uniform(0.1, 1.0, (3, 2)), columns=["rna", "protein"])

    found = over_others(masks, loadings, explained)

    squares = table.to_numpy() ** 2
    expected = [squares[own].mean(axis=0) / squares[~own].mean(axis=0) for own in inside.T]
    np.testing.assert_allclose(found, expected)


def test_members_that_were_not_measured_say_nothing_and_others_without_loadings_leave_no_doubt():
    masks = {"rna": csr_matrix(np.array([[0.0, 1.0], [0.0, 0.0]]))}
    found = over_others(masks, {"rna": pd.DataFrame({0: [1.0, 0.0]})}, pd.DataFrame({"rna": [0.2]}))
    assert found.tolist() == [[0.0], [np.inf]]
