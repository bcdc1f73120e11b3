"""Samples that were measured badly are found, count less and get wide intervals; those of clean cohorts are alike."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

import pathfa as pf

BAD = 4


@pytest.fixture(scope="module")
def clean():
    simulated = pf.simulate(n_samples=50, seed=2)
    return {name: data.to_df() for name, data in simulated.mdata.mod.items()}, simulated


@pytest.fixture(scope="module")
def spoilt(clean):
    rng = np.random.default_rng(0)
    rna = clean[0]["rna"].copy()
    rna.iloc[:BAD] += rng.normal(0.0, 3.0, rna.iloc[:BAD].shape)
    return clean[0] | {"rna": rna}


@pytest.fixture(scope="module")
def fitted(spoilt, clean):
    return pf.PathFA(n_factors=4, scale="center", n_starts=1, progress=False).fit(spoilt, clean[1].gene_sets)


def errors(model, simulated, samples):
    """Return the errors of the activities of some samples and their sd."""
    total, size = 0.0, 0.0
    for table in simulated.truth.loadings.values():
        mask = pd.DataFrame({name: table.index.isin(genes) for name, genes in simulated.gene_sets.items()}, table.index)
        centred = simulated.truth.scores - simulated.truth.scores.mean()
        total, size = total + centred @ (table.T @ mask.astype(float)), size + mask.sum()
    truth = (total / size).loc[samples, model.activity_.columns]
    return (model.activity_.loc[samples] - truth).to_numpy(), model.result_.activity_sd.loc[samples].to_numpy()


def test_a_clean_cohort_is_fitted_as_if_there_were_no_qualities(clean):
    options = {"n_factors": 4, "n_starts": 1, "scale": "center", "progress": False}
    auto = pf.PathFA(**options).fit(clean[0], clean[1].gene_sets)
    equal = pf.PathFA(**options, sample_quality="equal").fit(clean[0], clean[1].gene_sets)

    # qualities may come and go before a fit has found its factors
    np.testing.assert_allclose(auto.activity_, equal.activity_, atol=0.01)
    assert auto.log_evidence_ == pytest.approx(equal.log_evidence_, abs=1.0)
    assert (auto.sample_quality_["rna"] == 1.0).all()
    lacking = ~auto.result_.presence["protein"]
    assert auto.sample_quality_["protein"].isna().equals(lacking)


def test_bad_samples_are_found_and_named(fitted):
    quality = fitted.sample_quality_["rna"]
    bad = quality.index[:BAD]

    assert roc_auc_score(quality.index.isin(bad), -quality) == 1.0
    (found,) = [item for item in fitted.findings_ if item.code == "noisy-samples"]
    assert found.view == "rna"
    assert {text.split(":")[0] for text in found.examples} <= set(bad)
    assert (1.0 / quality).mean() == pytest.approx(1.0, abs=0.02)


def test_bad_samples_hardly_harm_the_others_and_their_own_intervals_hold(fitted, clean, spoilt):
    options = {"n_factors": 4, "scale": "center", "n_starts": 1, "progress": False}
    unspoilt = pf.PathFA(**options).fit(clean[0], clean[1].gene_sets)
    equal = pf.PathFA(**options, sample_quality="equal").fit(spoilt, clean[1].gene_sets)
    good, bad = fitted.activity_.index[BAD:], fitted.activity_.index[:BAD]

    size = {name: np.sqrt((errors(model, clean[1], good)[0] ** 2).mean()) for name, model in
            (("clean", unspoilt), ("auto", fitted), ("equal", equal))}  # fmt: skip

    assert size["auto"] < 1.05 * size["clean"]
    assert size["auto"] < size["equal"]
    error, sd = errors(fitted, clean[1], bad)
    assert (np.abs(error) < 1.96 * sd).mean() > 0.9


def test_new_samples_are_rated_as_those_of_the_cohort_are(fitted, spoilt):
    again = {name: table.iloc[: 2 * BAD] for name, table in spoilt.items()}

    scores, sd = fitted.transform(again, return_std=True)

    names = again["rna"].index
    scores, sd = scores.loc[names], sd.loc[names]
    np.testing.assert_allclose(scores, fitted.scores_.loc[names], atol=0.1)
    assert (sd.iloc[:BAD].to_numpy() > sd.iloc[BAD:].mean().to_numpy()).all()


def test_qualities_survive_a_file(fitted, tmp_path):
    fitted.save(tmp_path / "model.h5")

    again = pf.PathFA.load(tmp_path / "model.h5")

    pd.testing.assert_frame_equal(
        again.sample_quality_, fitted.sample_quality_, check_index_type=False, check_column_type=False
    )
    pd.testing.assert_frame_equal(
        again.result_.sample_quality_prior,
        fitted.result_.sample_quality_prior,
        check_index_type=False,
        check_column_type=False,
    )
