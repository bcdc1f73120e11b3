"""Samples that the model has not seen: what lies below a detection limit, what was not looked for, what is no data."""

import warnings

import mudata
import numpy as np
import pandas as pd
import pytest

import pathfa as pf
from pathfa.core.errors import AlignmentError, LittleKnownWarning, UnitsWarning


@pytest.fixture(scope="module")
def views():
    simulated = pf.simulate(n_samples=50, seed=1)
    tables = {name: data.to_df() for name, data in simulated.mdata.mod.items()}
    protein = tables["protein"]
    tables["protein"] = protein.where(protein > protein.quantile(0.2))
    return tables, simulated.gene_sets


@pytest.fixture(scope="module")
def censored(views):
    tables, gene_sets = views
    model = pf.PathFA(n_factors=2, n_starts=1, left_censored=["protein"], progress=False)
    return model.fit(tables, gene_sets)


def test_values_that_were_not_detected_are_imputed_below_their_limits(censored, views):
    protein = views[0]["protein"]
    filled = censored.impute(views[0]).mod["protein"]

    values = pd.DataFrame(filled.X, index=filled.obs_names, columns=filled.var_names)
    missing = protein.isna()
    assert missing.to_numpy().mean() > 0.1
    assert (values < protein.min()).to_numpy()[missing.to_numpy()].all()
    spread = filled.layers["imputed_sd"][missing.to_numpy()]
    assert (spread > 0).all()
    assert np.isfinite(spread).all()


def test_features_that_a_table_lacks_are_not_taken_for_undetected(censored, views):
    protein = views[0]["protein"]
    complete = protein.columns[protein.iloc[:5].notna().all()]
    few = protein.iloc[:5][complete[:30]]

    lacking, sd = censored.transform({"protein": few}, return_std=True)

    undetected, _ = censored.transform({"protein": few.reindex(columns=protein.columns)}, return_std=True)
    assert not np.allclose(lacking, undetected)
    _, all_measured = censored.transform({"protein": protein.iloc[:5]}, return_std=True)
    assert (sd.to_numpy() >= all_measured.to_numpy() - 1e-9).all()


def test_no_sample_is_an_error(censored, views):
    with pytest.raises(pf.errors.InputError, match="no sample"):
        censored.transform({"rna": views[0]["rna"].iloc[:0]})


def test_a_backed_cohort_is_filled_in_memory(censored, views, tmp_path):
    whole = pf.read_cohort(views[0])
    whole.write(tmp_path / "cohort.h5mu")
    backed = mudata.read_h5mu(tmp_path / "cohort.h5mu", backed="r")

    for filled, expected in (
        (censored.impute(backed), censored.impute(whole)),
        (censored.to_mudata(backed), censored.to_mudata(whole)),
    ):
        assert not filled.isbacked
        np.testing.assert_array_equal(filled["protein"].X, expected["protein"].X)
        assert set(filled.obsm) == set(expected.obsm)
        assert set(filled["rna"].layers) == set(expected["rna"].layers)


def test_imputation_is_silent_on_names_that_views_share(censored, views):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        censored.impute(views[0])


@pytest.mark.parametrize("scale", ["zscore", "none"])
def test_values_in_other_units_are_noticed(views, scale):
    tables, gene_sets = views
    rna = tables["rna"] + 8.0
    model = pf.PathFA(n_factors=2, n_starts=1, scale=scale, progress=False).fit({"rna": rna}, gene_sets)

    with pytest.warns(UnitsWarning, match="view 'rna'"):
        model.transform({"rna": 2.0 ** rna.iloc[:3]})
    with warnings.catch_warnings():
        warnings.simplefilter("error", UnitsWarning)
        model.transform({"rna": rna.iloc[:3]})


def _silent(model, **views):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UnitsWarning)
        model.transform(views)


def test_ratios_whose_logarithm_was_taken_back_are_noticed(views):
    tables, gene_sets = views
    ratios = tables["rna"] - tables["rna"].mean()
    model = pf.PathFA(n_factors=2, n_starts=1, progress=False).fit({"rna": ratios}, gene_sets)

    with pytest.warns(UnitsWarning, match=r"none of [0-9,]+ values is negative, where \d+% were"):
        model.transform({"rna": 2.0 ** ratios.iloc[:3]})
    for position in range(10):
        _silent(model, rna=ratios.iloc[[position]])
    few = ratios.iloc[[0]]
    _silent(model, rna=few.loc[:, few.iloc[0] > 0].iloc[:, :40])  # by chance, or by choice


def test_logarithms_of_counts_are_noticed(views):
    tables, gene_sets = views
    counts = np.round(2.0 ** (tables["rna"] + np.linspace(2.0, 12.0, tables["rna"].shape[1])))
    model = pf.PathFA(n_factors=2, n_starts=1, progress=False).fit({"rna": counts}, gene_sets)

    with pytest.warns(UnitsWarning, match=r"most values are fractions, none above 1\d\.\d, where counts went up to"):
        model.transform({"rna": np.log2(counts.iloc[:3] + 1.0)})
    for position in range(10):
        _silent(model, rna=counts.iloc[[position]])
    _silent(model, rna=np.round(counts.iloc[:3] / 100.0))  # shallow
    _silent(model, rna=counts.iloc[:3] + 0.3)  # estimated


def test_genes_in_the_rows_are_told(censored, views):
    with pytest.raises(AlignmentError, match=r"the names of the ROWS are genes.*pass the transpose"):
        censored.transform({"rna": views[0]["rna"].T})


def test_samples_that_were_measured_in_few_features_are_named(views):
    tables, gene_sets = views
    model = pf.PathFA(n_factors=2, n_starts=1, progress=False).fit(tables, gene_sets)
    rna = tables["rna"].iloc[:4].copy()
    rna.iloc[2, 2:] = np.nan

    with pytest.warns(LittleKnownWarning, match=f"1 of 4 samples .*{rna.index[2]}"):
        _, sd = model.transform({"rna": rna}, return_std=True)

    assert (sd.iloc[2] > sd.iloc[1]).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error", LittleKnownWarning)
        model.transform({"rna": rna.iloc[[0, 1, 3]]})
