"""Factors are named by gene sets that stand out from random ones, else by genes."""

import numpy as np
import pandas as pd
import pytest

import pathfa as pf
from pathfa.core.names import readable
from pathfa.result.judgement import LIMITS
from pathfa.result.summaries import selected

FIT = {"loading_prior": "soft", "n_starts": 1, "progress": False}


def sets_in_names(model):
    words = [word for name in model.result_.factor_names for word in name.partition(" ")[2].split(" (")[0].split(" + ")]
    return [name for name in model.result_.gene_set_names if readable(name) in words]


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
        names += sets_in_names(model)
    assert taken > 0
    assert len(names) <= 1


@pytest.mark.parametrize("prior", ["soft", "strict"])
def test_factors_are_named_by_the_sets_that_drive_them(prior):
    cohort = pf.simulate(n_samples=60, seed=3, factors=3, gene_sets=12, other_features=60)
    model = pf.PathFA(n_factors=3, **{**FIT, "loading_prior": prior}).fit(cohort.mdata, cohort.gene_sets)
    driving = cohort.truth.gene_set_weights.max(axis=1)
    found = sets_in_names(model)
    assert len(found) >= 3
    assert (driving[found] > 0).all()


@pytest.mark.parametrize("n_samples", [2, 3, 4])
def test_factors_of_next_to_no_samples_are_named_by_genes(n_samples):
    simulated = pf.simulate(n_samples=n_samples, seed=1, factors=1)
    model = pf.PathFA(n_factors=1, n_starts=1, loading_prior="soft", progress=False)

    model.fit({view: item.to_df() for view, item in simulated.mdata.mod.items()}, simulated.gene_sets)

    assert len(model.factor_names_) == 1
    if n_samples < 4:  # nothing is left to compare with random sets
        assert not sets_in_names(model)


def share_of_members(result, gene_set, factor):
    """Return how much of the squares of the members' loadings is gone once what the set adds is taken off."""
    shares, weights = [], np.clip(result.variance_explained.loc[factor].to_numpy(dtype=float), 0.0, None)
    for view in result.view_names:
        entries = result.expected_masks[view][:, result.gene_set_names.index(gene_set)].toarray().ravel()
        loadings = result.excess_loadings[view][factor].to_numpy()
        added = entries * result.view_scale.loc[factor, view] * result.gene_set_weights.loc[gene_set, factor]
        off = ((loadings - added)[entries != 0] ** 2).sum()
        shares.append(1.0 - off / (loadings[entries != 0] ** 2).sum())
    return float(np.average(shares, weights=weights))


@pytest.mark.parametrize("seed", [3, 4])
def test_a_set_that_accounts_for_little_of_its_members_loadings_names_no_factor(seed):
    """Members that load a little more than others: random sets do not match that, and it is next to none of them."""
    rng = np.random.default_rng(seed)
    genes = [f"G{i}" for i in range(1000)]
    sets = {f"SET {p}": genes[100 * p : 100 * (p + 1)] for p in range(5)}
    loadings = rng.normal(size=1000) + np.where(np.arange(1000) < 100, 0.4, 0.0)
    values = np.outer(rng.normal(size=80), loadings) + rng.normal(size=(80, 1000))
    result = pf.PathFA(n_factors=1, **FIT).fit({"rna": pd.DataFrame(values, columns=genes)}, sets).result_

    (factor,) = result.factor_names
    found = [name for name, belongs in selected(result)[factor].items() if belongs]
    assert found
    assert all(share_of_members(result, name, factor) < LIMITS["set-share"].caution for name in found)
    assert not any(readable(name) in factor for name in found)
