"""A model in a file and in a container."""

import mudata
import numpy as np
import pandas as pd
import pytest

import pathfa as pf
from pathfa.data.preprocess.preprocessor import ViewPreprocessor

EXACT = {"check_exact": True, "check_index_type": False, "check_column_type": False}  # text may be held in two ways


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
        pd.testing.assert_frame_equal(getattr(loaded, name), getattr(model, name), **EXACT)
    for view in model.view_names_:
        pd.testing.assert_frame_equal(loaded.loadings_[view], model.loadings_[view], **EXACT)
    assert loaded.log_evidence_ == model.log_evidence_
    assert loaded.get_params()["n_factors"] == 3
    for mine, other in zip(model.interval("activity"), loaded.interval("activity"), strict=True):
        pd.testing.assert_frame_equal(mine, other, **EXACT)
    pd.testing.assert_frame_equal(loaded.transform(simulated.mdata), model.transform(simulated.mdata), **EXACT)


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
    assert read.mod["rna"].varm["pathfa_loadings"].shape == (150, 3)
    assert "pathfa_noise" in read.mod["protein"].var
    assert "log_evidence" in read.uns["pathfa"]


def test_to_mudata_fills_a_copy_unless_told_otherwise(model, simulated):
    data = model.to_mudata(simulated.mdata)
    del data.obsm["X_pathfa"]
    assert model.to_mudata(data) is not data
    assert "X_pathfa" not in data.obsm
    assert model.to_mudata(data, copy=False) is data
    assert data.obsm["X_pathfa"].shape == (36, 3)
