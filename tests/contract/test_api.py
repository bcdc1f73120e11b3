"""The public contract: names, shapes, labels and types that users rely on."""

from __future__ import annotations

import subprocess
import sys

import mudata
import numpy as np
import pandas as pd
import pytest

import pathfa as pf
from pathfa.data.preprocess.preprocessor import ViewPreprocessor
from pathfa.simulation.cohort import SimulatedView

N, K = 36, 3


@pytest.fixture(scope="module")
def simulated():
    views = {"rna": SimulatedView(n_features=150), "protein": SimulatedView(n_features=80, absent=0.1, missing=0.05)}
    return pf.simulate(n_samples=N, seed=3, views=views, gene_sets=10, factors=K)


@pytest.fixture(scope="module")
def model(simulated):
    return pf.PathFA(n_factors=K, n_starts=2, progress=False).fit(simulated.mdata, simulated.gene_sets)


def test_tables_have_the_labels_of_the_data(model, simulated):
    samples, factors = list(simulated.mdata.obs_names), model.factor_names_

    assert model.view_names_ == ["rna", "protein"]
    assert len(factors) == K
    assert all(name.startswith(f"F{k + 1} ") for k, name in enumerate(factors))
    assert sorted(model.scores_.index) == sorted(samples)
    assert list(model.scores_.columns) == factors
    assert list(model.gene_set_weights_.columns) == factors
    assert set(model.gene_set_weights_.index) <= set(simulated.gene_sets)
    assert list(model.activity_.columns) == list(model.gene_set_weights_.index)
    for view in model.view_names_:
        assert set(model.loadings_[view].index) <= set(simulated.mdata.mod[view].var_names)
        assert list(model.loadings_[view].columns) == factors
        assert list(model.noise_[view].index) == list(model.loadings_[view].index)
        assert (model.noise_[view] > 0).all()
    assert list(model.annotated_share_.index) == factors
    assert model.annotated_share_.to_numpy().min() >= 0.0
    assert model.annotated_share_.to_numpy().max() <= 1.0
    assert list(model.variance_explained_.index) == [*factors, "total"]


def test_activity_is_scores_times_weights(model):
    expected = model.scores_.to_numpy() @ model.gene_set_weights_.to_numpy().T

    np.testing.assert_allclose(model.factor_activity_.to_numpy(), expected, rtol=1e-12, atol=1e-12)


def test_evidence_is_the_sum_of_its_terms_and_the_end_of_its_trace(model):
    assert model.log_evidence_ == pytest.approx(sum(model.evidence_terms_.values()))
    assert model.trace_["log_evidence"].iloc[-1] == pytest.approx(model.log_evidence_)
    assert len(model.trace_) == model.n_iter_
    assert isinstance(model.converged_, bool)


def test_selection_lists_every_candidate_and_marks_one(model):
    table = model.selection_

    assert {"n_factors", "loading_prior", "start", "log_evidence", "seconds", "converged", "chosen"} <= set(table)
    assert table["chosen"].sum() == 1
    assert set(table["loading_prior"]) == {"strict", "soft"}
    assert table.loc[table["chosen"], "log_evidence"].iloc[0] == pytest.approx(model.log_evidence_)


@pytest.mark.parametrize("what", ["activity", "factor_activity", "scores", "gene_set_weights"])
def test_intervals_are_ordered_and_nested(model, what):
    lower, upper = model.interval(what, 0.95)
    inner_lower, inner_upper = model.interval(what, 0.5)
    table = getattr(model, f"{what}_")

    assert lower.index.equals(table.index)
    assert lower.columns.equals(table.columns)
    assert (lower <= inner_lower).to_numpy().all()
    assert (inner_lower <= inner_upper).to_numpy().all()
    assert (inner_upper <= upper).to_numpy().all()


@pytest.mark.parametrize(("what", "level"), [("weights", 0.95), ("activity", 95), ("activity", 0.0)])
def test_impossible_intervals_say_why(model, what, level):
    with pytest.raises(pf.errors.ConfigError, match="expected"):
        model.interval(what, level)


def test_draws_have_the_shape_of_the_quantity_and_repeat(model):
    draws = model.sample_posterior(7, seed=1)

    assert draws.shape == (7, *model.activity_.shape)
    np.testing.assert_array_equal(draws, model.sample_posterior(7, seed=1))
    assert not np.array_equal(draws, model.sample_posterior(7, seed=2))


def test_training_samples_are_projected_to_their_scores(model, simulated):
    scores, sd = model.transform(simulated.mdata, return_std=True)

    np.testing.assert_allclose(scores.loc[model.scores_.index], model.scores_, atol=1e-8)
    assert (sd > 0).to_numpy().all()


@pytest.mark.parametrize("view", [None, "rna"])
def test_training_samples_have_the_activities_of_the_fit(model, simulated, view):
    activity, sd = model.activity(simulated.mdata, view=view, return_std=True)
    expected = model.activity_ if view is None else model.view_activity_[view]

    np.testing.assert_allclose(activity.loc[expected.index], expected, atol=1e-8)
    assert (sd > 0).to_numpy().all()
    assert activity.columns.equals(model.activity_.columns)


def test_activities_of_samples_with_less_are_less_certain(model, simulated):
    whole = model.activity(simulated.mdata, return_std=True)[1].mean().mean()
    alone = model.activity({"rna": simulated.mdata["rna"]}, return_std=True)[1].mean().mean()
    assert alone > whole


def test_activities_come_from_factors_and_from_the_sets(model):
    source = model.activity_source_
    assert list(source.columns) == [*model.factor_names_, "factors", "own"]
    np.testing.assert_allclose(source[["factors", "own"]].sum(axis=1), 1.0)
    np.testing.assert_allclose(source[model.factor_names_].sum(axis=1), source["factors"])
    sources = model.result_.activity_sources
    assert ((sources.lower <= source) & (source <= sources.upper)).to_numpy().all()


def test_a_view_less_is_less_certain(model, simulated):
    both = model.transform(simulated.mdata, return_std=True)[1].mean().mean()
    alone = model.transform({"rna": simulated.mdata.mod["rna"]}, return_std=True)[1].mean().mean()

    assert alone > both


def test_predictions_are_in_the_units_given(model, simulated):
    mean, sd = model.predict({"rna": simulated.mdata.mod["rna"]}, "protein", return_std=True)
    truth = simulated.truth.complete["protein"].loc[mean.index, mean.columns]
    inside = ((truth - mean).abs() <= 1.96 * sd).to_numpy().mean()

    assert 0.9 <= inside <= 0.99
    assert ((truth - mean) ** 2).to_numpy().sum() < ((truth - truth.mean()) ** 2).to_numpy().sum()


def test_predicting_an_unknown_view_says_which_exist(model, simulated):
    with pytest.raises(pf.errors.AlignmentError, match="rna, protein"):
        model.predict(simulated.mdata, "metabolites")


def test_imputation_fills_and_keeps(model, simulated):
    filled = model.impute(simulated.mdata).mod["protein"]
    before = simulated.mdata.mod["protein"].X
    missing = np.isnan(before)

    assert np.isfinite(filled.X).all()
    np.testing.assert_array_equal(filled.X[~missing], before[~missing])
    assert (filled.layers["imputed_sd"][missing] > 0).all()
    assert (filled.layers["imputed_sd"][~missing] == 0).all()


def test_saved_and_loaded_models_are_identical(model, simulated, tmp_path):
    model.save(tmp_path / "model.h5")
    loaded = pf.PathFA.load(tmp_path / "model.h5")

    names = (
        "scores_",
        "gene_set_weights_",
        "activity_",
        "factor_activity_",
        "activity_source_",
        "annotated_share_",
        "variance_explained_",
        "trace_",
        "selection_",
    )
    for name in names:
        pd.testing.assert_frame_equal(getattr(loaded, name), getattr(model, name), check_exact=True)
    for view in model.view_names_:
        pd.testing.assert_frame_equal(loaded.loadings_[view], model.loadings_[view], check_exact=True)
    assert loaded.log_evidence_ == model.log_evidence_
    assert loaded.get_params()["n_factors"] == K
    for mine, other in zip(model.interval("activity"), loaded.interval("activity"), strict=True):
        pd.testing.assert_frame_equal(mine, other, check_exact=True)
    pd.testing.assert_frame_equal(loaded.transform(simulated.mdata), model.transform(simulated.mdata), check_exact=True)


def test_loaded_models_know_their_preprocessing(simulated, tmp_path):
    preprocess = {"rna": ViewPreprocessor(min_sd=0.1, max_missing=0.3)}
    model = pf.PathFA(n_factors=1, n_starts=1, loading_prior="strict", preprocess=preprocess, progress=False)
    model.fit(simulated.mdata, simulated.gene_sets).save(tmp_path / "model.h5")

    assert pf.PathFA.load(tmp_path / "model.h5").preprocess == preprocess


def test_nothing_is_left_of_a_save_that_fails(model, tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(pf.errors.OutputError, match="a part of the path is a file"):
        model.save(tmp_path / "taken" / "model.h5")

    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_loading_something_else_says_so(tmp_path):
    (tmp_path / "text.h5").write_text("not HDF5")

    with pytest.raises(pf.errors.InputError, match="model"):
        pf.PathFA.load(tmp_path / "text.h5")
    with pytest.raises(pf.errors.MissingInputError, match="no such file"):
        pf.PathFA.load(tmp_path / "absent.h5")


def test_slots_of_mudata_survive_a_file(model, simulated, tmp_path):
    filled = model.to_mudata(simulated.mdata)
    filled.write(tmp_path / "filled.h5mu")
    read = mudata.read_h5mu(tmp_path / "filled.h5mu")

    np.testing.assert_array_equal(read.obsm["X_pathfa"], model.scores_.loc[read.obs_names])
    np.testing.assert_array_equal(read.obsm["score_pathfa"], model.activity_.loc[read.obs_names])
    assert read.mod["rna"].varm["pathfa_loadings"].shape == (150, K)
    assert "pathfa_noise" in read.mod["protein"].var
    assert "log_evidence" in read.uns["pathfa"]


def test_the_same_seed_gives_the_same_result(model, simulated):
    again = pf.PathFA(n_factors=K, n_starts=2, progress=False).fit(simulated.mdata, simulated.gene_sets)

    pd.testing.assert_frame_equal(again.scores_, model.scores_, check_exact=True)


def test_one_view_is_no_special_case(simulated):
    model = pf.PathFA(n_factors=2, n_starts=1, progress=False).fit(simulated.mdata.mod["rna"], simulated.gene_sets)

    assert len(model.view_names_) == 1
    assert model.scores_.shape == (N, 2)


def test_fit_transform_returns_what_transform_does(model, simulated):
    again = pf.PathFA(n_factors=K, n_starts=2, progress=False).fit_transform(simulated.mdata, simulated.gene_sets)

    pd.testing.assert_frame_equal(again, model.scores_)
    np.testing.assert_allclose(again, model.transform(simulated.mdata), atol=1e-4)
    assert list(model.get_feature_names_out()) == list(again.columns)


def test_to_mudata_fills_a_copy_unless_told_otherwise(model, simulated):
    data = model.to_mudata(simulated.mdata)
    del data.obsm["X_pathfa"]
    assert model.to_mudata(data) is not data
    assert "X_pathfa" not in data.obsm
    assert model.to_mudata(data, copy=False) is data
    assert data.obsm["X_pathfa"].shape == (N, K)


def test_an_unfitted_model_says_so():
    with pytest.raises(pf.errors.NotFittedError, match="call fit"):
        _ = pf.PathFA().scores_


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"n_factors": -1}, "n_factors"),
        ({"n_factors": N}, "or fewer for"),
        ({"loading_prior": "firm"}, "loading_prior"),
        ({"sign": "positive"}, "sign"),
        ({"curvature": "block"}, "curvature"),
        ({"scale": "robust"}, "scale"),
        ({"device": "abacus"}, "device"),
        ({"left_censored": ["rnaa"]}, "left_censored"),
        ({"left_censored": "rna"}, "a list of names of views"),
        ({"preprocess": {"rnaa": ViewPreprocessor()}}, "rnaa"),
        ({"preprocess": {"rna": "zscore"}}, "ViewPreprocessor"),
        ({"tol": -1.0}, "tol"),
        ({"features": "some"}, "features"),
    ],
)
def test_impossible_options_are_named(simulated, options, named):
    with pytest.raises(pf.errors.ConfigError, match=named):
        pf.PathFA(progress=False, **options).fit(simulated.mdata, simulated.gene_sets)


def test_errors_have_one_root():
    for name in ("InputError", "AlignmentError", "GeneSetError", "NotPositiveDefiniteError", "NotFittedError"):
        assert issubclass(getattr(pf.errors, name), pf.errors.PathFAError)
    assert issubclass(pf.errors.InputError, ValueError)
    assert issubclass(pf.errors.ConvergenceWarning, Warning)


def test_a_fit_that_stops_too_early_warns(simulated):
    model = pf.PathFA(n_factors=2, max_iter=2, n_starts=1, progress=False)

    with pytest.warns(pf.errors.ConvergenceWarning, match="after 2 iterations") as said:
        model.fit(simulated.mdata, simulated.gene_sets)

    assert str(said[0].message) in map(str, model.result_.findings)  # what the report says, in the same words


def test_import_is_light():
    heavy = ["torch", "scanpy", "anndata", "pandas", "plotly", "matplotlib", "pyro", "gseapy", "lifelines"]
    code = f"import sys, pathfa; print([name for name in {heavy!r} if name in sys.modules])"

    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert out.stdout.strip() == "[]"
