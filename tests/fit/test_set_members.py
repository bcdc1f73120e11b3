"""Genes that were put into sets where they do not belong are found, and intervals hold what they should with them."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

import pathfa as pf
from pathfa.analysis import refined_gene_sets

OPTIONS = {"n_factors": 4, "loading_prior": "soft", "n_starts": 1, "scale": "none", "progress": False}


@pytest.fixture(scope="module")
def spoilt():
    """Return a cohort, gene sets of which a fifth of the members are others, and the ones that are wrong."""
    simulated = pf.simulate(n_samples=40, seed=4, factors=4, loading_prior="soft")
    rng = np.random.default_rng(4)
    genes = sorted({gene for members in simulated.gene_sets.values() for gene in members})
    sets, wrong = {}, []
    for name, members in simulated.gene_sets.items():
        out = rng.permutation(len(members))[: len(members) // 5]
        drawn = rng.choice([gene for gene in genes if gene not in members], len(out), replace=False)
        sets[name] = [gene for at, gene in enumerate(members) if at not in out] + list(drawn)
        wrong += [(name, gene) for gene in drawn]
    return simulated, sets, wrong


@pytest.fixture(scope="module")
def models(spoilt):
    simulated, sets, _ = spoilt
    return {kind: pf.PathFA(**OPTIONS, set_members=kind).fit(simulated.mdata, sets) for kind in ("given", "auto")}


def slope(model, simulated):
    """Return the slope of the true factor activities on the fitted ones."""
    fitted = model.factor_activity_
    true = simulated.truth.activity.loc[fitted.index, fitted.columns].to_numpy().ravel()
    return float(fitted.to_numpy().ravel() @ true / (fitted.to_numpy() ** 2).sum())


def test_wrong_members_are_found(models, spoilt):
    probability = models["auto"].member_probability_

    is_wrong = probability.index.isin(pd.MultiIndex.from_tuples(spoilt[2]))
    assert roc_auc_score(is_wrong, -probability) > 0.85
    assert (models["given"].member_probability_ == 1.0).all()


def test_weights_are_those_of_the_members_that_take_part(models, spoilt):
    assert slope(models["given"], spoilt[0]) > 1.15
    assert slope(models["auto"], spoilt[0]) == pytest.approx(1.0, abs=0.1)
    assert models["auto"].log_evidence_ > models["given"].log_evidence_ + 20.0


def test_the_curve_over_models_compares_all_members_with_all_members(models):
    chosen = [model.selection_.set_index("chosen").loc[True, "log_evidence"] for model in models.values()]

    assert chosen[0] == pytest.approx(chosen[1])


def test_a_clean_cohort_is_fitted_as_if_all_took_part():
    simulated = pf.simulate(n_samples=40, seed=4, factors=4, loading_prior="soft")
    auto, given = (
        pf.PathFA(**OPTIONS, set_members=kind).fit(simulated.mdata, simulated.gene_sets) for kind in ("auto", "given")
    )

    pd.testing.assert_frame_equal(auto.activity_, given.activity_)
    assert (auto.member_probability_ == 1.0).all()


def test_refined_gene_sets_leave_them_out(models, spoilt):
    table = refined_gene_sets(models["auto"])
    told = models["auto"].member_probability_

    pairs = pd.MultiIndex.from_frame(table[["source", "target"]])
    np.testing.assert_array_equal(table["probability"], told.loc[pairs])
    assert not table.loc[table["probability"] < 0.5, "kept"].any()


def test_it_survives_a_file(models, tmp_path):
    models["auto"].save(tmp_path / "model.h5")

    again = pf.PathFA.load(tmp_path / "model.h5")

    pd.testing.assert_series_equal(
        again.member_probability_, models["auto"].member_probability_, check_index_type=False
    )
    for mine, theirs in zip(again.interval("factor_activity"), models["auto"].interval("factor_activity"), strict=True):
        pd.testing.assert_frame_equal(mine, theirs, check_index_type=False, check_column_type=False)
